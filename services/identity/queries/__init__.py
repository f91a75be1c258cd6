"""Every read that is more than a get."""

from services.identity.queries.accounts import account, account_by_login, person_of
from services.identity.queries.changes import (
    open_account,
    password_reset,
    phone_change,
    unanswered_resets,
)
from services.identity.queries.coolings import (
    cooling_of,
    cooling_to_stop,
    coolings_of,
    due_cooling,
    due_coolings,
)
from services.identity.queries.counter import looks_at, missed_looks, visit
from services.identity.queries.keys import public_keys, signing_keys_kept
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
from services.identity.queries.sessions import (
    devices_of,
    ended_since,
    has_devices,
    is_familiar,
    known_device,
    login,
    open_sessions,
    session_of_token,
    sessions_to_end,
    successor_used,
)
from services.identity.queries.sign_on import (
    consent,
    consents_of,
    end_sign_ons,
    nonce_was_used,
    relying_party,
    sign_on_of_code,
    sign_on_of_token,
    sign_on_request,
    successor_of_sign_on_token_used,
)
from services.identity.queries.signing import latest_request, open_session, requests_since, step_up

__all__ = [
    "account",
    "account_by_login",
    "administrators",
    "codes_since",
    "consent",
    "consents_of",
    "cooling_of",
    "cooling_to_stop",
    "coolings_of",
    "devices_of",
    "due_cooling",
    "due_coolings",
    "end_sessions",
    "end_sign_ons",
    "ended_since",
    "has_devices",
    "invitation_of_login",
    "invitation_of_token",
    "is_familiar",
    "known_device",
    "latest_code",
    "latest_request",
    "login",
    "looks_at",
    "missed_looks",
    "nonce_was_used",
    "official",
    "officials_after",
    "open_account",
    "open_invitations",
    "open_session",
    "open_sessions",
    "password_reset",
    "person_of",
    "phone_change",
    "proofs_of",
    "public_keys",
    "registration",
    "relying_party",
    "requests_since",
    "session_of_token",
    "sessions_to_end",
    "sign_on_of_code",
    "sign_on_of_token",
    "sign_on_request",
    "signing_keys_kept",
    "step_up",
    "successor_of_sign_on_token_used",
    "successor_used",
    "unanswered_resets",
    "visit",
]
