"""Calls to counterparts: whatever they do, a call ends in time, as an answer or as Away."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from chassis.http import Away, Client

HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def counterpart(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Answers every call as told, one after the other; its URL."""

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                with closing(listener.accept()[0]) as caller:
                    caller.recv(65536)
                    with suppress(OSError):
                        answer(caller)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=[listener], daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def trickle(first: bytes) -> Callable[[socket.socket], None]:
    """A byte every tenth of a second, for much longer than anybody should wait."""

    def answer(caller: socket.socket) -> None:
        caller.sendall(first)
        for _ in range(200):
            caller.sendall(b"x")
            time.sleep(0.1)

    return answer


@pytest.mark.parametrize(
    "first",
    [HEAD + b"Content-Length: 200\r\n\r\n", HEAD + b"\r\n", HEAD + b"X-Slow: "],
    ids=["a body of known length", "a body until the end", "a header"],
)
def test_an_answer_that_trickles_is_given_up_in_time(first: bytes) -> None:
    with counterpart(trickle(first)) as url:
        given_up = threading.Event()

        def call() -> None:
            with suppress(Away):
                Client(url, timeout=0.5).get("/")
                return
            given_up.set()

        caller = threading.Thread(target=call, daemon=True)
        caller.start()
        assert given_up.wait(10)


def test_an_answer_in_time_is_read_whole_and_the_link_used_again() -> None:
    def answer(caller: socket.socket) -> None:
        for _ in range(2):
            caller.sendall(HEAD + b"Content-Length: 9\r\n\r\n" + b'{"a": 42}')
            if not caller.recv(65536):
                return

    with counterpart(answer) as url:
        client = Client(url, timeout=5)
        assert client.get("/").json() == client.post("/", {}).json() == {"a": 42}


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", b"", b"nonsense\r\n\r\n"]
)
def test_a_counterpart_that_is_broken_is_away(answer: bytes) -> None:
    with counterpart(lambda caller: caller.sendall(answer)) as url, pytest.raises(Away):
        Client(url, timeout=1).get("/")


def test_an_answer_that_is_not_json_is_away_when_it_is_read() -> None:
    with counterpart(lambda caller: caller.sendall(HEAD + b"Content-Length: 2\r\n\r\nno")) as url:
        answer = Client(url, timeout=1).get("/")
        with pytest.raises(Away):
            answer.json()
