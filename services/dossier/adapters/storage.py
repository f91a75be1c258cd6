"""Where files are kept. One implementation: a folder, local or shared by all processes of the service."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from vocabulary.refusals import TooLarge

CHUNK = 256 * 1024


@dataclass(frozen=True)
class Stored:
    """`name` is random and the only way to the file; `size` in bytes."""

    name: str
    size: int
    sha256: str


class Storage(Protocol):
    def store(self, stream: BinaryIO) -> Stored:
        """On return the file survives a crash of the machine. TooLarge."""

    def open(self, name: str) -> BinaryIO:
        """FileNotFoundError when there is none."""

    def older_than(self, moment: datetime) -> Iterator[str]:
        """Names of what was stored before."""

    def discard(self, name: str) -> None:
        """Remove it; nothing happens when it is gone already."""


class Folder:
    """Files in 256 sub-folders; what is still being written waits in `incoming`, on the same file system."""

    def __init__(self, root: Path, most_bytes: int) -> None:
        self._root = root
        self._most_bytes = most_bytes
        self._incoming = root / "incoming"
        for folder in (self._incoming, *(root / f"{n:02x}" for n in range(256))):
            folder.mkdir(parents=True, exist_ok=True)
        _sync(root)

    def store(self, stream: BinaryIO) -> Stored:
        name = secrets.token_hex(16)
        waiting = self._incoming / name
        try:
            with waiting.open("xb") as out:
                size, sha256 = self._copy(stream, out)
                out.flush()
                os.fsync(out.fileno())
            waiting.rename(self._path(name))
            _sync(self._path(name).parent)
        except BaseException:
            waiting.unlink(missing_ok=True)
            raise
        return Stored(name, size, sha256)

    def open(self, name: str) -> BinaryIO:
        return self._path(name).open("rb")

    def older_than(self, moment: datetime) -> Iterator[str]:
        """What another process removes meanwhile is passed over."""
        for path in self._root.glob("*/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < moment.timestamp():
                    yield path.name

    def discard(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)
        (self._incoming / name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._root / path_of(name)

    def _copy(self, stream: BinaryIO, out: BinaryIO) -> tuple[int, str]:
        size, seen = 0, hashlib.sha256()
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > self._most_bytes:
                raise _too_large(self._most_bytes)
            seen.update(chunk)
            out.write(chunk)
        return size, seen.hexdigest()


def path_of(name: str) -> str:
    """Below the root."""
    return f"{name[:2]}/{name}"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _too_large(most_bytes: int) -> TooLarge:
    most = most_bytes // (1024 * 1024)
    return TooLarge(
        "file-too-large",
        f"Tệp lớn quá {most} MB. Hãy giảm dung lượng hoặc chụp lại ở cỡ nhỏ hơn.",
        f"The file is over {most} MB. Make it smaller, or photograph it at a lower size.",
    )
