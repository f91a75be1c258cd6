"""What the audit log says of one deed, and the hash that binds it to the entry before it."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

FORMAT = "motcua audit 1"
BEGINNING = bytes(32)
"""Stands before the first entry of a chain."""


@dataclass(frozen=True)
class Actor:
    """`kind` as in an access token, `console` for an operator's command line, `service` for ourselves.

    `acted_for`: whose mandate was used.
    """

    kind: str
    account: UUID | None = None
    agency: str | None = None
    acted_for: UUID | None = None


CONSOLE = Actor("console")
ITSELF = Actor("service")


@dataclass(frozen=True)
class Entry:
    """Who did what to whose data. `details` is JSON as it is stored, to the letter; nothing personal."""

    at: datetime
    by: Actor
    deed: str
    whose: UUID | None
    about: str
    request: str
    details: str

    def columns(self) -> dict[str, Any]:
        """As the table has them."""
        return {
            "at": self.at,
            "kind": self.by.kind,
            "actor": self.by.account,
            "agency": self.by.agency,
            "acted_for": self.by.acted_for,
            "deed": self.deed,
            "whose": self.whose,
            "about": self.about,
            "request": self.request,
            "details": self.details,
        }


def key_of(index: bytes) -> bytes:
    """Derived from the service's index key: it is in no database, and no other key is to be kept."""
    return hmac.digest(index, b"audit chain", "sha256")


def hash_of(
    key: bytes, before: bytes, service: str, chain: int, position: int, columns: dict[str, Any]
) -> bytes:
    """HMAC-SHA256 over the hash before it and a JSON array of all that is stored, in a fixed order."""
    said = [FORMAT, service, chain, position, *(_plain(value) for value in columns.values())]
    return hmac.digest(key, before + msgspec.json.encode(said), "sha256")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value
