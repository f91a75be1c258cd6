"""Every read that is more than a get."""

from services.identity.queries.accounts import account, account_by_login, person_of
from services.identity.queries.counter import missed_looks, visit
from services.identity.queries.keys import public_keys
from services.identity.queries.officials import (
    administrators,
    end_sessions,
    invitation_of_login,
    invitation_of_token,
    official,
    officials_after,
    open_invitations,
)
from services.identity.queries.proofs import proofs_of
from services.identity.queries.registering import codes_since, latest_code, registration
from services.identity.queries.sessions import known_device, login, session_of_token, successor_used

__all__ = [
    "account",
    "account_by_login",
    "administrators",
    "codes_since",
    "end_sessions",
    "invitation_of_login",
    "invitation_of_token",
    "known_device",
    "latest_code",
    "login",
    "missed_looks",
    "official",
    "officials_after",
    "open_invitations",
    "person_of",
    "proofs_of",
    "public_keys",
    "registration",
    "session_of_token",
    "successor_used",
    "visit",
]
