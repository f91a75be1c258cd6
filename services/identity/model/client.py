"""An agency's back office as a caller of the API: an id, and a secret nobody else knows."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

SCOPE = "agency"
"""The one scope there is: the agency's own dossiers at the desk, its own log and doors."""


@dataclass(eq=False)
class Client:
    """`digest` is the plain SHA-256 of the secret: of 256 random bits there is no dictionary to try, so
    a slow hash would only make every token slow."""

    id: UUID
    agency: str
    name: str
    digest: bytes
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def admits(self, secret: str) -> bool:
        """False for a wrong secret and for a revoked client; compared in constant time."""
        return hmac.compare_digest(self.digest, digest_of(secret)) and self.revoked_at is None


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
