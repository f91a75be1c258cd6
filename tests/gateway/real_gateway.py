"""The gateway as it is started in production, and clients that send their requests a byte at a time."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import urllib3

from gateway.settings import SERVICES
from tests.servers import free_port

Process = subprocess.Popen[bytes]
HEAD = b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"


@contextmanager
def real_gateway(services_url: str) -> Iterator[int]:
    """A gunicorn with one gevent worker; its port."""
    port = free_port()
    process = start(port, services_url, PUBLIC_URL=f"http://127.0.0.1:{port}")
    try:
        _await_answer(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def start(
    port: int, services_url: str, log: int | IO[bytes] = subprocess.DEVNULL, **settings: str
) -> Process:
    urls = {f"{name.upper()}_URL": services_url for name in SERVICES}
    environment = os.environ | urls | {"GATEWAY_SECRET_KEY": "test"} | settings
    command = [sys.executable, "-m", "gateway", f"127.0.0.1:{port}", "1"]
    return subprocess.Popen(command, env=environment, stderr=log)


def get(port: int, path: str) -> int:
    """The status, asked on a connection of its own: one kept alive would be past the queue at the door."""
    with urllib3.HTTPConnectionPool("127.0.0.1", port, timeout=60, retries=False) as fresh:
        return fresh.request("GET", path).status


def _await_answer(port: int) -> None:
    for _ in range(300):
        try:
            get(port, "/livez")
        except urllib3.exceptions.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the gateway did not start")


@dataclass
class Slow:
    """Clients that are not done with their requests; `dripped` bytes each since their first words."""

    connections: list[socket.socket]
    dripped: int = 0

    def all_wait(self) -> bool:
        return all(is_waiting(connection) for connection in self.connections)


@contextmanager
def slow_clients(port: int, count: int) -> Iterator[Slow]:
    """Half of them are still in the head of their request, half in its body: one byte a second each."""
    slow = Slow([socket.create_connection(("127.0.0.1", port)) for _ in range(count)])
    for number, connection in enumerate(slow.connections):
        connection.sendall(HEAD if number % 2 else HEAD[:20])
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(1):
            for connection in slow.connections:
                connection.sendall(b"x")
            slow.dripped += 1

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield slow
    finally:
        stop.set()
        thread.join()
        for connection in slow.connections:
            connection.close()


def is_waiting(connection: socket.socket) -> bool:
    """Still connected, and nothing answered yet."""
    try:
        connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK)
    except BlockingIOError:
        return True
    return False
