"""Access tokens as identity would sign them."""

import time
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from chassis.auth import AUDIENCE

PUBLIC_URL = "http://127.0.0.1:8000"
SIGNING_KEY = ECKey.generate_key("P-256", {"kid": "test"})


class TestKeys:
    """What identity's JWKS would answer."""

    __test__ = False

    def keys(self, kid: str | None) -> KeySet:
        return KeySet([SIGNING_KEY])


def access_token(kind: str, account: UUID | None, now: int | None = None, **claims: Any) -> str:
    """Signed with the key that `TestKeys` answers."""
    at = now or int(time.time())
    payload = {
        "iss": PUBLIC_URL,
        "aud": AUDIENCE,
        "sub": str(account or uuid4()),
        "kind": kind,
        "acr": "medium",
        "sid": str(uuid4()),
        "iat": at,
        "exp": at + 600,
    }
    return jwt.encode({"alg": "ES256", "kid": "test"}, payload | claims, SIGNING_KEY)
