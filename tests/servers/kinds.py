"""The servers tests need, whatever runs them."""

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import pika
import psycopg
import urllib3

from tests.servers.tls import Tls


class NoServer(Exception):
    """There is none to be had here; the message says what to type."""


class Runner(Protocol):
    """How one server is run. `how` is what the test report says."""

    how: str

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def freeze(self) -> None: ...
    def wake(self) -> None: ...
    def remove(self) -> None: ...


class Controlled(Runner, Protocol):
    def control(self, *words: str) -> None: ...

    def wipe(self) -> None:
        """Kill it and delete its data; it can be started again."""


class Server:
    """A server at `url` that can be taken away and brought back, with its data, at the same port."""

    def __init__(self, url: str, runner: Runner, is_ready: Callable[[], bool]) -> None:
        self.url = url
        self.how = runner.how
        self._runner = runner
        self._is_ready = is_ready

    def start(self, within: float = 90) -> None:
        """Returns when it answers. TimeoutError when it does not."""
        self._runner.start()
        until = time.monotonic() + within
        while not self._is_ready():
            if time.monotonic() > until:
                raise TimeoutError(f"{self.how} does not answer at {self.url}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._runner.stop()

    def kill(self) -> None:
        """`kill -9`, at once."""
        self._runner.kill()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP of all its processes, then SIGCONT."""
        self._runner.freeze()
        try:
            yield
        finally:
            self._runner.wake()

    def restart(self) -> None:
        self.kill()
        self.start()

    def remove(self) -> None:
        """End it for good, and its data."""
        self._runner.remove()


class Postgres(Server):
    """`url` is a superuser's, of the database `postgres`; tests create their own databases."""

    OPTIONS = ("-c", "max_connections=300")
    # What is slow to survive a power cut is off; a killed process loses nothing by it.
    QUICK = ("-c", "fsync=off", "-c", "full_page_writes=off")

    def __init__(self, url: str, runner: Runner) -> None:
        super().__init__(url, runner, self._answers)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class RabbitMQ(Server):
    """`url` is an administrator's; `management_url` is the HTTP API's, with the same account in it."""

    def __init__(self, url: str, management_url: str, runner: Controlled, tls: Tls | None = None) -> None:
        super().__init__(url, runner, self._answers)
        self.management_url = management_url
        self._tls = tls
        self._controlled = runner

    def control(self, *words: str) -> None:
        """`rabbitmqctl` on it."""
        self._controlled.control(*words)

    @property
    def tls(self) -> Tls:
        if self._tls is None:
            raise NoServer(f"{self.how}: unset the variable to run this test, which needs a broker with TLS")
        return self._tls

    def wipe(self) -> None:
        """Kill it, delete all its data, and start it as on its first day."""
        self._controlled.wipe()
        self.start()

    def _answers(self) -> bool:
        try:
            health = f"{self.management_url}/api/health/checks/local-alarms"
            account = urllib3.util.parse_url(self.management_url).auth
            headers = urllib3.make_headers(basic_auth=account)
            with urllib3.PoolManager(timeout=2, retries=False) as http:
                if http.request("GET", health, headers=headers).status != 200:
                    return False
            pika.BlockingConnection(pika.URLParameters(self.url)).close()
        except (OSError, urllib3.exceptions.HTTPError, pika.exceptions.AMQPError):
            return False
        return True


def free_port() -> int:
    """A port for a server that is killed and comes back at it.

    Below those the kernel gives to whoever calls out: one of these could be taken while it is away.
    """
    while True:
        port = random.randrange(12_000, 30_000)
        if port not in _given and is_free(port):
            _given.add(port)
            return port


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


_given: set[int] = set()
