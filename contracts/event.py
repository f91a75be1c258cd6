from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
# PostgreSQL does not store the character NUL.
STORABLE = r"^[^\0]*$"


class Sealed(msgspec.Struct, frozen=True):
    """A text only one service can read: AES-256-GCM under the key `kid`, base64 of nonce and ciphertext."""

    kid: str
    box: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that happened. `subject` names the aggregate; facts of one subject stay in order."""

    type: ClassVar[str]
    source: ClassVar[str]
    blanked_once_sent: ClassVar[tuple[str, ...]] = ()

    @property
    def subject(self) -> str:
        raise NotImplementedError


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The envelope: CloudEvents 1.0, structured JSON.

    `id` is the deduplication key (UUIDv7); `sequence` rises by one per subject. `user` is the account
    that the broker vouches for; it is never read from the body.
    """

    id: UUID
    source: Annotated[str, msgspec.Meta(max_length=200, pattern=STORABLE)]
    type: Annotated[str, msgspec.Meta(max_length=120, pattern=STORABLE)]
    subject: Annotated[str, msgspec.Meta(max_length=200, pattern=STORABLE)]
    time: Instant
    sequence: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    data: msgspec.Raw
    specversion: str
    datacontenttype: str
    traceparent: str | None = None
    user: str | None = None


class Name(msgspec.Struct, frozen=True):
    """A public name in both languages."""

    vi: str
    en: str
