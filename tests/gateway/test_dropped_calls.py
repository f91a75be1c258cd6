"""A process of a service ends, stopped or scaled down, just as a call of the gateway's reaches it."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway import route_table
from gateway.app import create_app
from gateway.settings import SERVICES
from tests.gateway.public_portal import settings

ROOT = Path(__file__).parents[2]
BODY = b'{"reason": "' + b"x" * 3000 + b'"}'
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
HERE = "/api/v1/dossiers/H01-261127-0001/withdrawal"


class Ending:
    """Hears each call whole; hangs up on the first, answers those that follow."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client, client.makefile("rb") as said:
                length = 0
                while (line := said.readline()) not in (b"\r\n", b""):
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                self.bodies.append(said.read(length))
                if len(self.bodies) > 1:
                    client.sendall(CREATED)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def ending() -> Iterator[Ending]:
    service = Ending()
    try:
        yield service
    finally:
        service.close()


@pytest.mark.parametrize("spool_above", [1000, 1_000_000])
def test_what_is_done_once_however_often_it_comes_is_sent_once_more_and_whole(spool_above: int) -> None:
    with ending() as service:
        client = create_app(settings(service.url, spool_above=spool_above)).test_client()
        answer = client.post(HERE, data=BODY, headers={"Idempotency-Key": "one"})
    assert answer.status_code == 201
    assert service.bodies == [BODY, BODY]


def test_reading_is_sent_once_more() -> None:
    with ending() as service:
        assert create_app(settings(service.url)).test_client().get("/api/v1/procedures").status_code == 201
    assert len(service.bodies) == 2


@pytest.mark.parametrize(
    ("path", "key"), [(HERE, {}), ("/api/v1/registrations/one/code", {"Idempotency-Key": "one"})]
)
def test_what_might_be_done_twice_is_not_and_one_may_try_again(path: str, key: dict[str, str]) -> None:
    """Without a key, or where a key means nothing: a code would be sent twice."""
    with ending() as service:
        answer = create_app(settings(service.url)).test_client().post(path, data=BODY, headers=key)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert service.bodies == [BODY]


def test_every_post_of_what_is_repeated_takes_the_key() -> None:
    for service in SERVICES:
        document = json.loads((ROOT / "docs" / "openapi" / f"{service}.json").read_text(encoding="utf-8"))
        for path, operations in document["paths"].items():
            prefix = "/" + path.removeprefix("/api/v1/").partition("/")[0]
            if "post" in operations and prefix in route_table.once():
                taken = [*operations["post"]["parameters"], *operations.get("parameters", [])]
                assert "Idempotency-Key" in [each.get("name") for each in taken], path
