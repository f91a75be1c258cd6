"""Every read that is more than a get."""

from services.identity.queries.accounts import account, account_by_login, person_of
from services.identity.queries.keys import public_keys
from services.identity.queries.proofs import proofs_of
from services.identity.queries.registering import codes_since, latest_code, registration
from services.identity.queries.sessions import known_device, login, session_of_token, successor_used

__all__ = [
    "account",
    "account_by_login",
    "codes_since",
    "known_device",
    "latest_code",
    "login",
    "person_of",
    "proofs_of",
    "public_keys",
    "registration",
    "session_of_token",
    "successor_used",
]
