"""`manifest.json`: what a backup holds, and what must be true of it once it is put back."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

NAME = "manifest.json"
FORMAT = 1


class Unreadable(Exception):
    """No whole backup of a format this program knows; the message says why."""


class Part(msgspec.Struct, frozen=True):
    """A file of the backup; `size` in bytes, sha256 in hex."""

    file: str
    size: int
    sha256: str


class Kept(msgspec.Struct, frozen=True):
    """The service's files in a tar: how many, their bytes, and `digest` over all that rows name."""

    part: Part
    count: int
    bytes: int
    digest: str


class Wrapped(msgspec.Struct, frozen=True):
    """A person's data key as it is stored: opened by no key but the master key `kid`."""

    kid: str
    person: UUID
    wrapped: bytes


class SealedSample(msgspec.Struct, frozen=True):
    """A sealed field as it is in an event of this type."""

    type: str
    kid: str
    box: str


class Keys(msgspec.Struct, frozen=True):
    """Which keys what is kept needs: ids, and samples to know the right ones by. Never a key."""

    master: list[str]
    wrapped: list[Wrapped]
    sealed: list[SealedSample]


class Database(msgspec.Struct, frozen=True):
    """`rows` of each table at the point; `log_position` of the last event sent, and how many were unsent."""

    dump: Part
    server: int
    revision: str
    rows: dict[str, int]
    log_position: int
    unsent: int
    keys: Keys
    files: Kept | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is of this backup alone; `point` the moment it shows, for which writers waited `held_ms`."""

    format: int
    id: UUID
    version: str
    point: datetime
    held_ms: float
    services: dict[str, Database]

    def parts(self) -> list[Part]:
        files = [database.files.part for database in self.services.values() if database.files]
        return [*(database.dump for database in self.services.values()), *files]


class _Format(msgspec.Struct):
    format: int


def read(folder: Path) -> Manifest:
    try:
        content = (folder / NAME).read_bytes()
        format = msgspec.json.decode(content, type=_Format).format
        if format != FORMAT:
            raise Unreadable(f"{folder} is a backup of format {format}; this program knows {FORMAT}.")
        return msgspec.json.decode(content, type=Manifest)
    except OSError as error:
        raise Unreadable(f"{folder} is no whole backup: {NAME}: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"{folder / NAME} cannot be read: {error}.") from error


def write(folder: Path, manifest: Manifest) -> None:
    encoded = msgspec.json.encode(manifest, order="sorted")
    (folder / NAME).write_bytes(msgspec.json.format(encoded, indent=1) + b"\n")
