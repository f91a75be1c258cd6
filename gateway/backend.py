"""Calling the services from the pages: one pool, sane time limits, refusals as exceptions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3
from flask import current_app, g, has_request_context
from urllib3 import HTTPHeaderDict
from urllib3.exceptions import HTTPError, ProtocolError

from gateway import passing, route_table
from gateway.settings import Settings

Json = dict[str, Any]
RETRY_SECONDS = 5


@dataclass(frozen=True)
class Answer:
    """What a service said: `body` is the JSON object ({} when there was none)."""

    status: int
    body: Json
    headers: Mapping[str, str]

    @property
    def etag(self) -> str | None:
        return self.headers.get("ETag")


@dataclass(eq=False)
class Problem(Exception):
    """A service refused. `errors` are `{pointer, code, detail}` in the reader's language."""

    status: int
    code: str
    detail: str
    errors: list[Json] = field(default_factory=list)
    retry_after: int | None = None

    def of(self, *fields: str) -> dict[str, str]:
        """Field name -> what is wrong with it; all fields when none are named.

        A pointer's last part is the field's name.
        """
        found: dict[str, str] = {}
        for error in self.errors:
            name = str(error.get("pointer", "")).rsplit("/", 1)[-1]
            if not fields or name in fields:
                found.setdefault(name, str(error.get("detail", "")))
        return found


class Late(Exception):
    """The service is away or too slow: nothing is known about what it did."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class Backend:
    """The services by name, over one pool of kept connections."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.routes = route_table.load()
        self._once = route_table.once()
        timeout = urllib3.Timeout(connect=settings.connect_seconds, read=settings.read_seconds)
        self.pool = urllib3.PoolManager(num_pools=16, maxsize=256, retries=False, timeout=timeout)

    def send(self, service: str, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """One call to a service's address. Late when it does not answer.

        A kept connection may be closed by a service that ends just as it is used: what may be repeated is
        sent once more then, to another of its processes.
        """
        url = self.settings.services[service] + path
        try:
            try:
                return self.pool.request(method, url, redirect=False, **options)
            except ProtocolError:
                if not self._repeatable(method, path, options):
                    raise
                return self.pool.request(method, url, redirect=False, **options)
        except HTTPError as away:
            raise Late(service) from away

    def _repeatable(self, method: str, path: str, options: Mapping[str, Any]) -> bool:
        """Reading is, and what is done once however often it comes. A body that was read is wound back."""
        if method != "GET" and not self._done_once(method, path, options):
            return False
        if body := options.get("body"):
            body.seek(0)
        return True

    def _done_once(self, method: str, path: str, options: Mapping[str, Any]) -> bool:
        first = "/" + path.removeprefix("/api/v1/").partition("/")[0]
        headers = HTTPHeaderDict(options.get("headers") or {})
        return method == "POST" and first in self._once and bool(headers.get("Idempotency-Key"))


def here() -> Backend:
    backend: Backend = current_app.extensions["motcua"]
    return backend


def call(
    method: str,
    path: str,
    body: Json | None = None,
    *,
    query: Mapping[str, str | int | None] | None = None,
    headers: Mapping[str, str] | None = None,
    files: Mapping[str, Any] | None = None,
    token: str | None = None,
    seconds: float | None = None,
) -> Answer:
    """Call `path` (below /api/v1) of whichever service answers it.

    Sends the access token of this browser's session unless `token` is given ("" for none). `files`
    are urllib3 multipart fields: `{"document": "cmnd", "file": (name, bytes, type)}`.
    Problem when refused (4xx, 5xx with a body), Late when the service is away.
    """
    service = route_table.service_of(here().routes, path)
    if service is None:
        raise KeyError(f"routes.toml lists no service for {path}")
    options: dict[str, Any] = {"headers": _headers(headers, token)}
    if query:
        options["fields"] = {name: str(value) for name, value in query.items() if value not in (None, "")}
    if body is not None:
        options["json"] = body
    if files is not None:
        options["fields"] = files
    if seconds is not None:
        options["timeout"] = seconds
    return read(service, here().send(service, method, "/api/v1" + path, **options))


def _headers(extra: Mapping[str, str] | None, token: str | None) -> dict[str, str]:
    sent = {"Accept": "application/json", **(extra or {})}
    if has_request_context():
        sent |= passing.headers(passing.client_address(here().settings.trusted_hops))
        token = g.get("access_token") if token is None else token
    if token:
        sent["Authorization"] = f"Bearer {token}"
    return sent


def read(service: str, answer: urllib3.BaseHTTPResponse) -> Answer:
    """The JSON of an answer. Problem when it is a refusal, Late when the service is breaking down."""
    body = _json(answer.data)
    if answer.status < 400:
        return Answer(answer.status, body, answer.headers)
    if answer.status in (502, 503, 504):
        raise Late(service)
    raise Problem(
        answer.status,
        str(body.get("code", "unknown")),
        str(body.get("detail", "")),
        body.get("errors") or [],
        _seconds(answer.headers.get("Retry-After")),
    )


def _json(data: bytes) -> Json:
    try:
        body = json.loads(data)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {"items": body}


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
