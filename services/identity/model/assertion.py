"""What a client signs to say who it is (RFC 7523, `private_key_jwt`): the rules, without the signature."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

LONGEST_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=5)
LONGEST = 8192
LONGEST_ID = 200
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class AssertionRefused(Exception):
    """Says why, to whoever could sign: the signature is looked at first."""


def check_claims(claims: Mapping[str, Any], client: str, audience: str, now: datetime) -> datetime:
    """When it ends. AssertionRefused for claims that are not for us, not now, or good for too long.

    `aud` is exactly our token endpoint: what was signed for somebody else's must not open ours.
    """
    if claims.get("iss") != client or claims.get("sub") != client:
        raise AssertionRefused("iss and sub must both be the client_id.")
    if claims.get("aud") not in (audience, [audience]):
        raise AssertionRefused(f"aud must be {audience} and nothing else.")
    ends = _moment(claims, "exp")
    if ends is None or ends + LEEWAY <= now:
        raise AssertionRefused("exp is missing or has passed.")
    if ends > now + LONGEST_LIFE + LEEWAY:
        raise AssertionRefused("exp must be at most 5 minutes ahead.")
    for name in ("iat", "nbf"):
        begins = _moment(claims, name)
        if begins is not None and begins > now + LEEWAY:
            raise AssertionRefused(f"{name} is in the future.")
    id = claims.get("jti")
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        raise AssertionRefused(f"jti is missing, or longer than {LONGEST_ID} letters.")
    return ends


def _moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    given = claims.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise AssertionRefused(f"{name} must be a number of seconds.")
    try:
        return datetime.fromtimestamp(given).astimezone()
    except (ValueError, OverflowError, OSError):
        raise AssertionRefused(f"{name} is no time.") from None
