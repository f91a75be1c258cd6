"""An agency's back office as a caller of the API: an id, and a secret or keys that nobody else has."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text

SCOPE = "agency"
"""All there is for agencies' clients; the others are parts of it."""
LONGEST_NAME = 100
SCOPES = {
    SCOPE: "everything below",
    "desk": "read and decide the agency's dossiers",
    "events": "the agency's log of events, its webhook and replays",
}


@dataclass(eq=False)
class Client:
    """`digest` is the plain SHA-256 of the secret: of 256 random bits there is no dictionary to try, so
    a slow hash would only make every token slow. None for a client that signs with one of `keys`
    (public JWKs) instead.
    """

    id: UUID
    agency: str
    name: str
    digest: bytes | None
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    keys: list[dict[str, Any]] = field(default_factory=list)
    scopes: list[str] = field(default_factory=lambda: [SCOPE])

    def admits(self, secret: str) -> bool:
        """False for a wrong secret and for a revoked client; compared in constant time."""
        if self.digest is None:
            return False
        return hmac.compare_digest(self.digest, digest_of(secret)) and self.revoked_at is None

    def may_have(self, scopes: Iterable[str]) -> bool:
        return SCOPE in self.scopes or set(scopes) <= set(self.scopes)


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def parse_client_name(name: str) -> str:
    """For the list. Invalid `client-name`."""
    tidy = name.strip()
    if len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise Invalid(
            "client-name",
            f"Tên gồm chữ đọc được, tối đa {LONGEST_NAME} ký tự.",
            f"A name is readable, of at most {LONGEST_NAME} letters.",
        )
    return tidy


def parse_scopes(given: Iterable[str]) -> list[str]:
    """In the house's order, each once. Invalid `scopes` when there is none, or one that does not exist."""
    asked = set(given)
    if not asked or asked - set(SCOPES):
        text = Text(f"Phạm vi là: {', '.join(SCOPES)}.", f"The scopes are: {', '.join(SCOPES)}.")
        raise Invalid("scopes", text.vi, text.en, [Fault("/scopes", "scopes", text)])
    return [scope for scope in SCOPES if scope in asked]
