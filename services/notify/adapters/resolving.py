"""A name's addresses within a time: the resolver's own patience is half a minute, and nothing ends it."""

import socket
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread

SECONDS = 3.0

LookUp = Callable[[str, int], list[str]]


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, best first. OSError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Resolver:
    """Safe in several threads. A look-up that was given up goes on by itself: until it ends, whoever asks
    for the same name waits for that one, so that a dead name server costs one thread per name."""

    def __init__(self, look_up: LookUp = look_up, seconds: float = SECONDS) -> None:
        self._look_up = look_up
        self._seconds = seconds
        self._asked: dict[tuple[str, int], Future[list[str]]] = {}
        self._lock = Lock()

    def __call__(self, host: str, port: int) -> list[str]:
        """OSError when there are none; TimeoutError, which is one, when there was no answer in time."""
        return self._asking(host, port).result(self._seconds)

    def _asking(self, host: str, port: int) -> "Future[list[str]]":
        with self._lock:
            future = self._asked.get((host, port))
            if future is None:
                future = Future()
                Thread(target=self._ask, args=[future, host, port], name="resolver", daemon=True).start()
                self._asked[host, port] = future
            return future

    def _ask(self, future: "Future[list[str]]", host: str, port: int) -> None:
        try:
            future.set_result(self._look_up(host, port))
        except Exception as error:
            future.set_exception(error)
        with self._lock:
            del self._asked[host, port]
