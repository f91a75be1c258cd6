"""Bodies read whole before anything is called, so that a slow phone keeps nobody else waiting."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout

CHUNK = 64 * 1024


@contextmanager
def body(limit: int, in_memory: int, seconds: float) -> Iterator[tuple[IO[bytes], int]]:
    """The request's body and its size in bytes; on disk when larger than `in_memory`.

    RequestEntityTooLarge above `limit`, RequestTimeout when it takes longer than `seconds`,
    ClientDisconnected when less came than was announced: half a body must not pass for a whole one.
    """
    if (request.content_length or 0) > limit:
        raise RequestEntityTooLarge
    with SpooledTemporaryFile(max_size=in_memory) as kept:
        size = _read(kept, limit, time.monotonic() + seconds)
        if size != (request.content_length or size):
            raise ClientDisconnected
        kept.seek(0)
        yield kept, size


def _read(kept: IO[bytes], limit: int, end: float) -> int:
    size = 0
    while chunk := request.stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise RequestEntityTooLarge
        if time.monotonic() > end:
            raise RequestTimeout
        kept.write(chunk)
    return size
