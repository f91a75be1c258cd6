"""Files that rows of a service's database name: what a service says of them, and how they travel in a tar."""

import hashlib
import os
import tarfile
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from sqlalchemy import Connection

CHUNK = 256 * 1024
Advance = Callable[[int], None]
"""Told how many bytes were read."""


@dataclass(frozen=True)
class Named:
    """What a row says: the path below the folder, the size in bytes, the content's sha256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Files:
    """A manifest's word on its files. `folder()` holds them; `named(connection)` is what the rows of one
    snapshot name, always in the same order. A file never changes, and while `hold` is held none goes."""

    folder: Callable[[], Path]
    named: Callable[[Connection], Generator[Named, None, None]]


class Damaged(Exception):
    """A file is not what a row, or the manifest, says of it."""


class Tally:
    """How many files, how many bytes, and one digest over all they are named, in their order."""

    def __init__(self) -> None:
        self.count = self.bytes = 0
        self._seen = hashlib.sha256()

    def add(self, one: Named) -> None:
        self.count += 1
        self.bytes += one.size
        self._seen.update(f"{one.path} {one.size} {one.sha256}\n".encode())

    @property
    def digest(self) -> str:
        return self._seen.hexdigest()


def tally(named: Iterable[Named]) -> Tally:
    made = Tally()
    for one in named:
        made.add(one)
    return made


def pack(into: Path, folder: Path, named: Iterable[Named], advance: Advance) -> Tally:
    """Each file once, read once, straight into the tar. Damaged when one is missing or another."""
    made = Tally()
    with into.open("xb") as out, tarfile.open(fileobj=out, mode="w|") as tar:
        for one in named:
            _pack_one(tar, folder, one)
            made.add(one)
            advance(one.size)
    return made


def _pack_one(tar: tarfile.TarFile, folder: Path, one: Named) -> None:
    info, path = tarfile.TarInfo(one.path), folder / one.path
    info.size = one.size
    try:
        with path.open("rb") as file:
            is_whole = os.fstat(file.fileno()).st_size == one.size
            if is_whole:
                read = Hashed(file)
                tar.addfile(info, read)
                is_whole = read.sha256 == one.sha256
    except FileNotFoundError as error:
        raise Damaged(f"{path} is missing, and a row names it") from error
    if not is_whole:
        raise Damaged(f"{path} is not what its row says")


def contents(tar: Path, advance: Advance = lambda _: None) -> Iterator[Named]:
    """What is in the tar, read to its end."""
    for info, file in _members(tar):
        read = Hashed(file)
        while chunk := read.read(CHUNK):
            advance(len(chunk))
        yield Named(info.name, info.size, read.sha256)


def unpack(tar: Path, folder: Path, advance: Advance) -> Iterator[Named]:
    """Each file is written whole and durable before it has its name; one that is there already is written
    anew. Safe to repeat."""
    for info, file in _members(tar):
        target = folder / _safe(info.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        read = Hashed(file)
        fresh = target.with_name(f"{target.name}.restored")
        with fresh.open("wb") as out:
            while chunk := read.read(CHUNK):
                out.write(chunk)
                advance(len(chunk))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(target)
        yield Named(info.name, info.size, read.sha256)


def _members(tar: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    try:
        with tarfile.open(tar, mode="r|") as packed:
            for info in packed:
                file = packed.extractfile(info)
                if file is None:
                    raise Damaged(f"{tar.name} holds {info.name}, which is no file")
                yield info, file
    except (tarfile.TarError, EOFError) as error:
        raise Damaged(f"{tar.name} cannot be read: {error}") from error


def _safe(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts:
        raise Damaged(f"a backup must not name {name!r}")
    return name


class Hashed:
    """Hashes what is read through it."""

    def __init__(self, file: BinaryIO | IO[bytes]) -> None:
        self._file = file
        self._seen = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._seen.update(chunk)
        return chunk

    @property
    def sha256(self) -> str:
        return self._seen.hexdigest()


def sha256_of(path: Path, advance: Advance = lambda _: None) -> str:
    with path.open("rb") as file:
        read = Hashed(file)
        while chunk := read.read(CHUNK):
            advance(len(chunk))
    return read.sha256


def sync(path: Path) -> None:
    """A file's content, or a folder's entries, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
