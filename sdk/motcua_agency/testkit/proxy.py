"""Stands between the consumer and the broker: sees what they say, and cuts the line when it should."""

import contextlib
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from motcua_agency.testkit.frames import BODY, HEADER, Frame, FrameReader

Action = Literal["pass", "drop", "cut", "cut-after"]
PIECE_BYTES = 1 << 16


@dataclass(frozen=True)
class Spoken:
    """A frame on connection number `line`; `body` is whole once the last piece of a message has passed."""

    line: int
    from_consumer: bool
    frame: Frame
    body: bytes | None = None


def let_pass(_spoken: Spoken) -> Action:
    return "pass"


class Proxy:
    """At 127.0.0.1:`port`. `rule` is asked about every frame before it goes on; one at a time."""

    def __init__(self, broker: tuple[str, int], watch: Callable[[Spoken], None]) -> None:
        self.rule: Callable[[Spoken], Action] = let_pass
        self.lines_opened = 0
        self._broker, self._watch = broker, watch
        self._lock = threading.RLock()
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.port = 0
        self.accept()

    def accept(self) -> None:
        """From now on, at the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, args=[self._listener], daemon=True).start()

    def refuse(self) -> None:
        """As if the broker were down: no new connections, and none of the old ones."""
        with self._lock:
            listener, self._listener = self._listener, None
        if listener:
            _end(listener)
        self.cut()

    def cut(self) -> None:
        with self._lock:
            ends, self._open = self._open, []
        for end in ends:
            _end(end)

    def paused(self) -> AbstractContextManager[object]:
        """Nothing new is seen within the block."""
        return self._lock

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                consumer, _ = listener.accept()
            except OSError:
                if self._listener is not listener:
                    return
                continue
            try:
                broker = socket.create_connection(self._broker, timeout=10)
                broker.settimeout(None)
            except OSError:
                _end(consumer)
                continue
            with self._lock:
                self.lines_opened += 1
                self._open += [consumer, broker]
            line = self.lines_opened
            self._start(line, True, consumer, broker)
            self._start(line, False, broker, consumer)

    def _start(self, line: int, from_consumer: bool, one: socket.socket, other: socket.socket) -> None:
        pump = _Pump(self, line, from_consumer, one, other)
        threading.Thread(target=pump.run, daemon=True).start()

    def ask(self, spoken: Spoken) -> Action:
        with self._lock:
            self._watch(spoken)
            return self.rule(spoken)


class _Pump:
    """One direction of one connection."""

    def __init__(
        self, proxy: Proxy, line: int, from_consumer: bool, one: socket.socket, other: socket.socket
    ) -> None:
        self._proxy, self._line, self._from_consumer = proxy, line, from_consumer
        self._one, self._other = one, other
        self._frames = FrameReader(greets=from_consumer)
        self._bodies: dict[int, tuple[int, bytes]] = {}

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._one.recv(PIECE_BYTES):
                if not all(self._pass(frame) for frame in self._frames.feed(data)):
                    break
        _end(self._one)
        _end(self._other)

    def _pass(self, frame: Frame) -> bool:
        spoken = Spoken(self._line, self._from_consumer, frame, self._body_after(frame))
        action = self._proxy.ask(spoken)
        if action in ("pass", "cut-after"):
            self._other.sendall(frame.raw)
        return action in ("pass", "drop")

    def _body_after(self, frame: Frame) -> bytes | None:
        if frame.kind == HEADER:
            self._bodies[frame.channel] = (frame.body_bytes, b"")
        elif frame.kind == BODY:
            length, body = self._bodies[frame.channel]
            self._bodies[frame.channel] = (length, body + frame.payload)
        else:
            return None
        length, body = self._bodies[frame.channel]
        return body if len(body) == length else None


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
