"""/api/v1: to the service whose prefix it is, path unchanged, bodies whole both ways."""

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import quote

from flask import Blueprint, Response, request
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError
from werkzeug.exceptions import NotFound

from gateway import passing, route_table, spool
from gateway.backend import Late, here

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
}
NOT_RETURNED = HOP_BY_HOP | {"server", "date", "set-cookie", "content-length"}


@blueprint.route("/api/v1/<path:path>", methods=METHODS)
def forward(path: str) -> Response:
    service = route_table.service_of(here().routes, "/" + path)
    if service is None:
        raise NotFound
    settings = here().settings
    body, size = spool.body(settings.body_limit, settings.spool_above, settings.body_seconds)
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
    body, size = _kept(service, answer)
    response = Response(_chunks(body), answer.status, direct_passthrough=True)
    response.headers.clear()
    named = {part.strip().lower() for part in answer.headers.get("Connection", "").split(",")}
    for name, value in answer.headers.items():
        if name.lower() not in NOT_RETURNED | named:
            response.headers.add(name, value)
    response.headers["Content-Length"] = str(size) if request.method != "HEAD" else answer.headers.get(
        "Content-Length", "0"
    )
    return response


def _kept(service: str, answer: BaseHTTPResponse) -> tuple[IO[bytes], int]:
    """The whole answer, so that the service is free again however slowly the client reads."""
    kept: IO[bytes] = SpooledTemporaryFile(max_size=here().settings.spool_above)
    size = 0
    try:
        for chunk in answer.stream(spool.CHUNK, decode_content=False):
            size += kept.write(chunk)
    except HTTPError as broken:
        raise Late(service) from broken
    finally:
        answer.release_conn()
    kept.seek(0)
    return kept, size


def _chunks(body: IO[bytes]) -> Iterator[bytes]:
    with body:
        while chunk := body.read(spool.CHUNK):
            yield chunk
