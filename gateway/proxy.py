"""/api/v1: to the service whose prefix it is, path unchanged, bodies whole both ways."""

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import quote

from flask import Blueprint, Response, request
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError
from werkzeug.exceptions import NotFound

from gateway import ended, passing, route_table, spool
from gateway.backend import Late, here
from gateway.problems import problem

blueprint = Blueprint("proxy", __name__)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
SAFE = "/:@!$&'()*+,;=-._~"
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
NOT_SENT = HOP_BY_HOP | {
    "host",
    "cookie",
    "content-length",
    "expect",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-real-ip",
    "x-request-id",
    "traceparent",
}
NOT_RETURNED = HOP_BY_HOP | {"server", "date", "set-cookie", "content-length"}


@blueprint.route("/api/v1/<path:path>", methods=METHODS)
def forward(path: str) -> Response:
    service = route_table.service_of(here().routes, "/" + path)
    if service is None:
        raise NotFound
    if ended.has(_bearer()):
        return problem(401, "session-ended")
    settings = here().settings
    with spool.body(settings.body_limit, settings.spool_above, settings.body_seconds) as (body, size):
        headers = _sent(request.headers.items())
        if size or request.method not in ("GET", "HEAD", "DELETE"):
            headers["Content-Length"] = str(size)
        answer = here().send(
            service,
            request.method,
            _target("/api/v1/" + path),
            body=body if size else None,
            headers=headers,
            preload_content=False,
            decode_content=False,
        )
    return _returned(service, answer)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _target(path: str) -> str:
    query = request.query_string.decode("latin-1")
    return quote(path, safe=SAFE) + (f"?{query}" if query else "")


def _sent(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The caller's headers without what is only between us and them, with what we vouch for."""
    named = {part.strip().lower() for part in request.headers.get("Connection", "").split(",")}
    headers = {name: value for name, value in given if name.lower() not in NOT_SENT | named}
    headers |= passing.headers(passing.client_address(here().settings.trusted_hops))
    if asked := request.headers.get("Accept-Language"):
        headers["Accept-Language"] = asked
    return headers


def _returned(service: str, answer: BaseHTTPResponse) -> Response:
    response = _whole(service, answer)
    size = response.headers["Content-Length"]
    response.headers.clear()
    named = {part.strip().lower() for part in answer.headers.get("Connection", "").split(",")}
    for name, value in answer.headers.items():
        if name.lower() not in NOT_RETURNED | named:
            response.headers.add(name, value)
    response.headers["Content-Length"] = answer.headers.get("Content-Length", "0") if _head() else size
    return response


def _head() -> bool:
    return request.method == "HEAD"


def _whole(service: str, answer: BaseHTTPResponse) -> Response:
    """The answer read to its end, so that the service is free again however slowly the client reads."""
    in_memory = here().settings.spool_above
    kept: IO[bytes] = SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115 (the response closes it)
    try:
        size = sum(kept.write(chunk) for chunk in answer.stream(spool.CHUNK, decode_content=False))
    except HTTPError as broken:
        kept.close()
        raise Late(service) from broken
    finally:
        answer.release_conn()
    kept.seek(0)
    response = Response(_bytes(kept) if size <= in_memory else _chunks(kept), answer.status)
    response.call_on_close(kept.close)
    response.headers["Content-Length"] = str(size)
    return response


def _bytes(kept: IO[bytes]) -> bytes:
    with kept:
        return kept.read()


def _chunks(kept: IO[bytes]) -> Iterator[bytes]:
    while chunk := kept.read(spool.CHUNK):
        yield chunk
