"""A TCP proxy that is slow, silent, or breaks, in each direction by itself, the same for the same seed."""

import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PIECE = 65536
AT_ONCE_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Faults:
    """Of one direction of one connection. Counts are of bytes carried so far; None: never.

    `delay` is before each piece, in seconds. `cut_after` resets both sides, `hole_after` swallows
    whatever follows and keeps the connection open, `half_close_after` ends this direction only.
    """

    delay: float = 0
    bytes_per_second: float | None = None
    cut_after: int | None = None
    hole_after: int | None = None
    half_close_after: int | None = None


@dataclass(frozen=True)
class Link:
    """The faults of one connection."""

    up: Faults = field(default_factory=Faults)
    down: Faults = field(default_factory=Faults)


Plan = Callable[[int], Link]
"""The faults of the connection with that number, from 0."""


class FaultProxy:
    """Stands at `url` before the server of the URL it is made with. `plan` is asked at each connection."""

    def __init__(self, url: str, plan: Plan) -> None:
        there = urlsplit(url)
        assert there.hostname
        assert there.port
        self._server = (there.hostname, there.port)
        self._plan = plan
        self._listener = socket.create_server(("127.0.0.1", 0))
        user = there.netloc.rpartition("@")[0]
        port = self._listener.getsockname()[1]
        self.url = there._replace(netloc=f"{user}@127.0.0.1:{port}" if user else f"127.0.0.1:{port}").geturl()
        self.connections = 0
        self.faults = 0
        """How many connections were broken by one."""
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def change(self, plan: Plan) -> None:
        """For connections that are made from now on; those there are are cut."""
        self._plan = plan
        for end in list(self._open):
            _reset(end)

    def close(self) -> None:
        self._listener.close()
        self.change(calm)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server, timeout=5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            link = self._plan(self.connections)
            self.connections += 1
            for ends in ((client, server, link.up), (server, client, link.down)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, faults: Faults) -> None:
        self._open |= {source, target}
        try:
            with suppress(OSError):
                self._pass_on(source, target, faults)
        finally:
            self._open -= {source}
            with suppress(OSError):
                source.close()

    def _pass_on(self, source: socket.socket, target: socket.socket, faults: Faults) -> None:
        carried = 0
        while data := source.recv(PIECE):
            time.sleep(faults.delay + len(data) / (faults.bytes_per_second or float("inf")))
            ends = [
                at for at in (faults.cut_after, faults.half_close_after, faults.hole_after) if at is not None
            ]
            left = max(min(ends, default=carried + len(data)) - carried, 0)
            target.sendall(data[:left])
            carried += len(data)
            if left < len(data):
                self.faults += 1
                _break(source, target, faults)
                return
        target.shutdown(socket.SHUT_WR)


def _break(source: socket.socket, target: socket.socket, faults: Faults) -> None:
    if faults.cut_after is not None:
        _reset(source)
        _reset(target)
    elif faults.half_close_after is not None:
        target.shutdown(socket.SHUT_WR)
        _swallow(source)
    else:
        _swallow(source)


def _swallow(source: socket.socket) -> None:
    while source.recv(PIECE):
        pass


def _reset(end: socket.socket) -> None:
    """As a machine that has lost its power would: no farewell, what is not yet read is gone."""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_RESET)
        end.shutdown(socket.SHUT_RDWR)
        end.close()


def calm(_number: int) -> Link:
    return Link()


def seeded(seed: int, kinds: tuple[str, ...], most_bytes: int = 60_000) -> Plan:
    """Each connection has one of these kinds of faults in one direction, drawn by seed and number."""

    def plan(number: int) -> Link:
        dice = random.Random(f"{seed} {number}")
        faults = FAULTS[dice.choice(kinds)](dice, most_bytes)
        return Link(up=faults) if dice.random() < 0.5 else Link(down=faults)

    return plan


FAULTS: dict[str, Callable[[random.Random, int], Faults]] = {
    "slow": lambda dice, _most: Faults(delay=dice.uniform(0.01, 0.2)),
    "narrow": lambda dice, _most: Faults(bytes_per_second=dice.uniform(20_000, 200_000)),
    "cut": lambda dice, most: Faults(cut_after=dice.randrange(most)),
    "black hole": lambda dice, most: Faults(hole_after=dice.randrange(most)),
    "half closed": lambda dice, most: Faults(half_close_after=dice.randrange(most)),
}
