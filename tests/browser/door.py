"""A gateway in this process before the portal's own services: what it reads can be seen, and a service
can be made to answer as it seldom does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

import urllib3
from flask import Flask
from jinja2 import BaseLoader, Environment
from werkzeug.serving import make_server

from chassis import service as services
from gateway.app import create_app
from gateway.backend import Backend, Json, Late
from gateway.settings import Settings
from tests.servers import free_port
from tests.system.portal import Portal

Said = tuple[int, Json] | None
"""Status and body; None when the service does not answer at all."""


class Services(Backend):
    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.instead: dict[tuple[str, str], Said] = {}

    def send(self, service: str, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        for (verb, pattern), said in self.instead.items():
            if verb == method and fnmatch(path, f"/api/v1{pattern}"):
                if said is None:
                    raise Late(service)
                status, body = said
                return urllib3.HTTPResponse(json.dumps(body).encode(), status=status)
        return super().send(service, method, path, **options)


class Noting(BaseLoader):
    """Notes every template that a page is made of: itself, what it extends, includes and imports."""

    def __init__(self, loader: BaseLoader, seen: set[str]) -> None:
        self.loader, self.seen = loader, seen

    def get_source(self, environment: Environment, template: str) -> Any:
        self.seen.add(template)
        return self.loader.get_source(environment, template)


@dataclass
class Door:
    address: str
    app: Flask
    services: Services
    seen: set[str] = field(default_factory=set)

    @contextmanager
    def instead(self, method: str, path: str, said: Said) -> Iterator[None]:
        """What a service answers to that call; `*` is any part of the path."""
        self.services.instead[method, path] = said
        try:
            yield
        finally:
            del self.services.instead[method, path]


def door_to(portal: Portal) -> Door:
    address = f"http://127.0.0.1:{free_port()}"
    settings = Settings({name: portal.url(name) for name in services.names()}, address, "x" * 32)
    app = create_app(settings)
    door = Door(address, app, Services(settings))
    app.extensions["motcua"] = door.services
    loader = app.jinja_env.loader
    assert loader is not None
    app.jinja_env.loader = Noting(loader, door.seen)
    return door


@contextmanager
def opened(portal: Portal) -> Iterator[Door]:
    door = door_to(portal)
    server = make_server("127.0.0.1", int(door.address.rsplit(":", 1)[1]), door.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
