"""Calls to counterparts outside the process: pooled, with time limits, never retried behind our back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
import urllib3

from chassis import tracing
from chassis.deadline import cut_after


class Away(Exception):
    """The counterpart cannot be reached, is too slow, or answers that it is broken."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise Away(f"answered {self.status} with what is not JSON") from error


class _Plain(urllib3.connection.HTTPConnection):
    """Its read time limit is for the whole answer, not for each byte of it."""

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        with cut_after(float(self.timeout or 0), self.sock) as late:
            try:
                return super().getresponse()
            finally:
                if late.is_set():
                    raise urllib3.exceptions.TimeoutError


class _Secure(_Plain, urllib3.connection.HTTPSConnection):
    """The same over TLS."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


def pool_of(timeout: float, size: int) -> urllib3.PoolManager:
    """Connections whose answers come whole, or begin where they are streamed, within `timeout` seconds."""
    limits = urllib3.Timeout(connect=min(timeout, 2), read=timeout)
    found = urllib3.PoolManager(timeout=limits, maxsize=size, retries=False)
    found.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return found


class Client:
    """`timeout` in seconds bounds the answer, `timeout` or two seconds connecting.

    Answers of 500 and more raise Away.
    """

    def __init__(self, url: str, timeout: float = 5, pool: int = 8) -> None:
        self._url = url
        self._pool = pool_of(timeout, pool)

    def get(self, path: str, headers: Mapping[str, str] = {}) -> Answer:
        return self._call("GET", path, headers)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self._call("POST", path, {}, json=body)

    def post_form(self, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        sent = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        return self._call("POST", path, sent, body=urlencode(form))

    def _call(self, method: str, path: str, given: Mapping[str, str], **kwargs: Any) -> Answer:
        trace = tracing.current()
        headers = {"Accept": "application/json", **given} | ({"traceparent": trace} if trace else {})
        try:
            got = self._pool.request(method, self._url + path, headers=headers, redirect=False, **kwargs)
        except urllib3.exceptions.TimeoutError as error:
            raise Away("too slow") from error
        except urllib3.exceptions.HTTPError as error:
            raise Away(type(error).__name__) from error
        if got.status >= 500:
            raise Away(f"answered {got.status}")
        return Answer(got.status, got.data)
