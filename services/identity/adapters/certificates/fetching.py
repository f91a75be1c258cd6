"""Getting a revocation list or an answer from an authority, over HTTP, within limits.

The address comes out of a certificate, so it is asked only after the certificate's path was found good: it
is then an authority's that the operator trusts, not the caller's.
"""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from chassis.http import Away, pool_of

PIECE = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """`seconds` for a whole answer; the sizes are bytes."""

    seconds: float = 5
    largest_list: int = 16 * 1024 * 1024
    largest_answer: int = 64 * 1024


class Fetcher:
    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._pool = pool_of(self.limits.seconds, 4)

    def get(self, url: str, most: int) -> bytes:
        """Away when nobody answers in time, the answer is no 200, or is larger than `most`."""
        return self._fetch("GET", url, most)

    def post(self, url: str, body: bytes, type: str, most: int) -> bytes:
        return self._fetch("POST", url, most, body=body, headers={"Content-Type": type})

    def _fetch(self, method: str, url: str, most: int, **kwargs: object) -> bytes:
        until = time.monotonic() + self.limits.seconds
        if urlsplit(url).scheme not in {"http", "https"}:
            raise Away("no address for HTTP")
        try:
            got = self._pool.request(method, url, redirect=False, preload_content=False, **kwargs)  # type: ignore[arg-type]
            try:
                return _read(got, most, until)
            finally:
                got.close()
        except urllib3.exceptions.HTTPError as error:
            raise Away(type(error).__name__) from error


def _read(got: urllib3.BaseHTTPResponse, most: int, until: float) -> bytes:
    if got.status != 200:
        raise Away(f"answered {got.status}")
    found = bytearray()
    while piece := got.read1(PIECE):
        found += piece
        if len(found) > most:
            raise Away("too large")
        if time.monotonic() > until:
            raise Away("too slow")
    return bytes(found)
