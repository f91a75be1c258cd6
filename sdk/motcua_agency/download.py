"""A file from the portal to the disk: streamed, checked, and there only when it is whole."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from urllib3.exceptions import HTTPError

from motcua_agency.errors import AwayError, DamagedFileError

PIECE_BYTES = 1 << 16
TRIES = 3


def save(open_it: Callable[[], Any], sha256: str, to: Path) -> Path:
    """`open_it` makes an answer whose body is still to be read; a cut one is asked for again."""
    part = to.with_name(f".{to.name}.{uuid4().hex}.part")
    try:
        for left in reversed(range(TRIES)):
            try:
                found = _write(open_it(), part)
                break
            except HTTPError as error:
                if not left:
                    raise AwayError(f"{to.name}: cut off while it was read") from error
        if found != sha256:
            raise DamagedFileError(f"{to.name}: SHA-256 is {found}, should be {sha256}")
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return to


def _write(answer: Any, part: Path) -> str:
    digest = hashlib.sha256()
    with part.open("wb") as file:
        for piece in answer.stream(PIECE_BYTES):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    answer.release_conn()
    return digest.hexdigest()
