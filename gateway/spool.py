"""Bodies read whole before anything is called, so that a slow phone keeps nobody else waiting."""

import time
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

CHUNK = 64 * 1024


def body(limit: int, in_memory: int, seconds: float) -> tuple[IO[bytes], int]:
    """The request's body and its size in bytes; on disk when larger than `in_memory`.

    RequestEntityTooLarge above `limit`, RequestTimeout when it takes longer than `seconds`.
    """
    if (request.content_length or 0) > limit:
        raise RequestEntityTooLarge
    kept: IO[bytes] = SpooledTemporaryFile(max_size=in_memory)
    size, end = 0, time.monotonic() + seconds
    while chunk := request.stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise RequestEntityTooLarge
        if time.monotonic() > end:
            raise RequestTimeout
        kept.write(chunk)
    kept.seek(0)
    return kept, size
