"""Identity's public keys, fetched over HTTP and kept."""

import threading
import time
from datetime import timedelta

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.http import Answer, Away, Client
from vocabulary.refusals import Unavailable

log = structlog.get_logger()

KEPT_SECONDS = 300
AGAIN_AFTER_SECONDS = 5


class RemoteKeys:
    """A key id never seen before is asked for at once, but not more often than every few seconds."""

    def __init__(self, url: str) -> None:
        self._client = Client(url, timeout=3)
        self._lock = threading.Lock()
        self._set = KeySet([])
        self._fetched = self._tried = -1e9

    def keys(self, kid: str | None) -> KeySet:
        with self._lock:
            age = time.monotonic() - self._fetched
            known = any(key.kid == kid for key in self._set.keys)
            if (age > KEPT_SECONDS or not known) and time.monotonic() - self._tried > AGAIN_AFTER_SECONDS:
                self._fetch()
            if not self._set.keys:
                raise Unavailable(
                    "identity-away",
                    "Chưa kiểm tra được đăng nhập của bạn. Hãy thử lại sau ít giây.",
                    "Your login cannot be checked just now. Try again in a few seconds.",
                    timedelta(seconds=AGAIN_AFTER_SECONDS),
                )
            return self._set

    def _fetch(self) -> None:
        try:
            self._set = _key_set(self._client.get(""))
        except Away as away:
            log.warning("identity's keys not fetched", error=str(away))
            # Keys already known go on working; with none, try again at the next request.
            self._tried = time.monotonic() if self._set.keys else -1e9
            return
        self._tried = self._fetched = time.monotonic()


def _key_set(answer: Answer) -> KeySet:
    """Away when it holds no keys: whoever answered is not identity, or not well."""
    try:
        keys = KeySet.import_key_set(answer.json())
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Away(f"answered {answer.status} with what holds no keys") from error
    if not keys.keys:
        raise Away(f"answered {answer.status} with no keys")
    return keys
