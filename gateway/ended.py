"""Sessions that were ended elsewhere a moment ago: their access tokens are refused here at once.

Services look at the token alone, which says for some minutes more that all is well.
"""

import time
from threading import Lock

from flask import current_app

from gateway.backend import Late, Problem, call
from gateway.claims import claims

EVERY = 5.0


class Ended:
    """The list as identity gave it last; one request in a few seconds asks for it anew."""

    def __init__(self) -> None:
        self._sessions: frozenset[str] = frozenset()
        self._asked_at = float("-inf")
        self._asking = Lock()

    def has(self, access_token: str) -> bool:
        """Was the session of this token ended? While identity is away, what was known before counts."""
        session = claims(access_token).get("sid")
        if session is None:
            return False
        self._refresh()
        return session in self._sessions

    def _refresh(self) -> None:
        if time.monotonic() < self._asked_at + EVERY or not self._asking.acquire(blocking=False):
            return
        try:
            found = call("GET", "/sessions/ended", token="", seconds=1).body.get("items") or []
            self._sessions = frozenset(map(str, found))
        except (Problem, Late):
            pass
        finally:
            self._asked_at = time.monotonic()
            self._asking.release()


def has(access_token: str) -> bool:
    """Was this token's session ended, as far as this process knows?"""
    lists: Ended = current_app.extensions.setdefault("ended-sessions", Ended())
    return lists.has(access_token)
