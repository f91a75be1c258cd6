"""What goes along with a request to a service: its id, its trace, its address, its language."""

import re
import secrets

from flask import g, request

from gateway import language

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
LONGEST_BROWSER = 400
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def begin() -> None:
    """Give the request its id and trace: the caller's when well-formed, ours otherwise."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    trace = request.headers.get("traceparent", "")
    g.traceparent = trace if TRACEPARENT.fullmatch(trace) else _new_trace()


def headers(address: str) -> dict[str, str]:
    return {
        "X-Request-Id": g.request_id,
        "traceparent": g.traceparent,
        "X-Forwarded-For": address,
        "Accept-Language": language.current(),
        "User-Agent": request.headers.get("User-Agent", "")[:LONGEST_BROWSER],
    }


def client_address(trusted_hops: int) -> str:
    """Who asks, believing only the addresses that our own proxies added (the rightmost ones)."""
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    seen.append(request.remote_addr or "unknown")
    return seen[-1 - min(trusted_hops, len(seen) - 1)]


def _new_trace() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
