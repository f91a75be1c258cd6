"""W3C trace context: one trace follows a request through services, outbox and reactions."""

import re
import secrets
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current() -> str | None:
    return _current.get()


def enter(traceparent: str | None) -> str:
    """Go on with the caller's trace when it is well formed, start one otherwise."""
    known = traceparent and _TRACEPARENT.fullmatch(traceparent)
    trace = traceparent if known and traceparent else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    _current.set(trace)
    return trace
