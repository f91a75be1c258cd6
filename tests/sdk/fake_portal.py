"""The portal's API as the agencies' doors are described, small enough to misbehave on purpose."""

import hashlib
import json
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT = ("client-1", "s:ecret/é")
CODE = "H01-261122-0001"
FILE_ID = "0197e000-0000-7000-8000-000000000001"
CONTENT = b"%PDF-1.4 " + bytes(range(256)) * 2000
EVENTS = [
    {
        "specversion": "1.0",
        "id": f"0197e000-0000-7000-8000-00000000010{position}",
        "source": "/services/dossier",
        "type": "motcua.dossier.submitted.v1",
        "subject": f"H01-261122-000{position}",
        "time": "2026-11-22T09:00:00Z",
        "sequence": 1,
        "position": position,
        "data": {"version": 2},
    }
    for position in range(1, 6)
]


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakePortal:
    """`faults` are answers (status, headers) given instead, in turn, to paths that end so; 0 hangs up."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    faults: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    expires_in: int = 300
    valid: set[str] = field(default_factory=set)
    content: bytes = CONTENT
    cut_after: int | None = None
    known: set[str] = field(default_factory=lambda: {CODE})

    def to(self, end: str) -> list[Asked]:
        return [one for one in self.asked if one.path.endswith(end)]

    def fault(self, path: str) -> tuple[int, dict[str, str]] | None:
        for one in self.faults:
            if path.endswith(one[0]):
                self.faults.remove(one)
                return one[1:]
        return None

    def answer(self, asked: Asked) -> tuple[int, Any]:
        routes: dict[str, Callable[[Asked], tuple[int, Any]]] = {
            "/desk/dossiers": self._list,
            **{f"/desk/dossiers/{code}": partial(_dossier, code) for code in self.known},
            f"/desk/dossiers/{CODE}/decisions": self._decide,
            "/agency/events": self._events,
            "/agency/replays": self._replay,
        }
        path = asked.path.removeprefix("/api/v1")
        if path == "/oauth2/token":
            return self._token(asked)
        if asked.headers.get("Authorization", "").removeprefix("Bearer ") not in self.valid:
            return 401, {"code": "token-expired", "title": "..."}
        if path not in routes:
            return 404, {"code": "dossier-not-found", "detail": "There is none.", "request_id": "r-1"}
        return routes[path](asked)

    def _token(self, asked: Asked) -> tuple[int, Any]:
        given = b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode().split(":", 1)
        if given != ["client-1", "s%3Aecret%2F%C3%A9"] or asked.body != b"grant_type=client_credentials":
            return 401, {"error": "invalid_client", "error_description": "Who?"}
        token = f"token-{len(self.to('/token'))}"
        self.valid = {token}
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in}

    def _replay(self, asked: Asked) -> tuple[int, Any]:
        return 202, {"door": asked.json["door"], "from_position": 3, "until_position": 9}

    def _list(self, asked: Asked) -> tuple[int, Any]:
        page = int(asked.query.get("cursor", ["0"])[0])
        items = [dossier(f"H01-261122-000{2 * page + one}") for one in (1, 2)]
        return 200, {"items": items, "next_cursor": str(page + 1) if page < 2 else None}

    def _decide(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("If-Match") != '"2"':
            return 409, {"code": "changed-meanwhile", "detail": "It has changed."}
        return 201, dossier(CODE) | {"version": 3, "status": 2}

    def _events(self, asked: Asked) -> tuple[int, Any]:
        after = asked.query.get("after", ["c0"])[0]
        if after == "old":
            return 410, {"code": "cursor-too-old"}
        start, limit = int(after[1:]), min(2, int(asked.query["limit"][0]))
        found = EVENTS[start : start + limit]
        return 200, {"events": found, "next": f"c{start + len(found)}"}


def _dossier(code: str, _asked: Asked) -> tuple[int, Any]:
    return 200, dossier(code)


def dossier(code: str) -> dict[str, Any]:
    file = {
        "id": FILE_ID,
        "document": "birth-notice",
        "name": "../../../etc/passwd",
        "media_type": "application/pdf",
        "size": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "scan": "clean",
        "added_at": "2026-11-22T09:00:00Z",
    }
    return {"code": code, "status": 1, "version": 2, "actions": ["accept"], "files": [file], "form": {"a": 1}}


@contextmanager
def fake_portal() -> Iterator[FakePortal]:
    portal = FakePortal()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            at = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.title(): value for name, value in self.headers.items()}
            asked = Asked(self.command, at.path, parse_qs(at.query), headers, body)
            portal.asked.append(asked)
            fault = portal.fault(at.path)
            if fault and not fault[0]:
                self.close_connection = True
            elif fault:
                self._send(fault[0], b"<html>busy</html>", fault[1])
            elif at.path.endswith(FILE_ID):
                self._send_file()
            else:
                status, told = portal.answer(asked)
                self._send(status, json.dumps(told).encode(), {})

        do_POST = do_GET  # noqa: N815 - so the library calls it

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _send_file(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(portal.content)))
            self.end_headers()
            self.wfile.write(portal.content[: portal.cut_after])
            if portal.cut_after is not None:
                portal.cut_after = None
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    portal.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield portal
    server.shutdown()
    thread.join()
    server.server_close()
