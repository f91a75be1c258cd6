"""A process of a service ends, stopped or scaled down, just as a call of the gateway's reaches it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.app import create_app
from tests.gateway.public_portal import settings

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


def test_what_might_be_done_twice_is_not_and_one_may_try_again() -> None:
    with ending() as service:
        answer = create_app(settings(service.url)).test_client().post(HERE, data=BODY)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert service.bodies == [BODY]
