"""py-amqp's socket with fewer calls of the system: these were half of what a message cost.

It reads each piece of each frame by itself, nine times a message, and writes each message by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from amqp.transport import SSLTransport, TCPTransport
from kombu import Connection
from kombu.transport import pyamqp

READ_AHEAD_BYTES = 16_384


class _Buffered:
    """What is read beyond the piece asked for, py-amqp keeps for the next."""

    held: bytearray | None = None
    _quick_recv: Any

    def _setup_transport(self) -> None:
        super()._setup_transport()  # type: ignore[misc]
        receive = self._quick_recv
        self._quick_recv = lambda size: receive(max(size, READ_AHEAD_BYTES))

    def write(self, piece: bytes) -> None:
        if self.held is None:
            super().write(piece)  # type: ignore[misc]
        else:
            self.held.extend(piece)


class _Tcp(_Buffered, TCPTransport):  # type: ignore[misc]
    pass


class _Tls(_Buffered, SSLTransport):  # type: ignore[misc]
    pass


class _Connection(pyamqp.Connection):  # type: ignore[misc]
    def Transport(  # noqa: N802
        self,
        host: str,
        connect_timeout: float,
        ssl: Any = False,
        read_timeout: float | None = None,
        write_timeout: float | None = None,
        **options: Any,
    ) -> Any:
        options |= {"ssl": ssl, "read_timeout": read_timeout, "write_timeout": write_timeout}
        return (_Tls if ssl else _Tcp)(host, connect_timeout=connect_timeout, **options)


class Carrier(pyamqp.Transport):  # type: ignore[misc]
    """For kombu's `transport_cls`."""

    Connection = _Connection


@contextmanager
def corked(connection: Connection) -> Iterator[None]:
    """What is sent inside leaves in one write at the end; nothing of it when the inside fails."""
    transport = connection.connection.transport
    transport.held = bytearray()
    try:
        yield
        held = transport.held
    finally:
        transport.held = None
    transport.write(held)
