"""The wire to RabbitMQ, with fewer calls of the system than py-amqp makes by itself."""

from contextlib import closing
from typing import Any

import amqp
import pytest
from kombu import Connection

from chassis.bus.link import connect
from chassis.bus.wire import corked
from tests.chassis.toys import eventually

QUEUE = "window"


@pytest.fixture
def channel(virtual_host: str) -> Any:
    with closing(connect(virtual_host)) as connection:
        connection.default_channel.queue_declare(QUEUE, auto_delete=False)
        yield connection.default_channel


def waiting(url: str) -> int:
    with Connection(url) as other:
        return int(other.default_channel.queue_declare(QUEUE, passive=True).message_count)


def send(channel: Any, *bodies: bytes) -> None:
    for body in bodies:
        channel.basic_publish(amqp.Message(body), "", QUEUE)


def test_a_window_leaves_at_its_end_and_in_one_write(channel: Any, virtual_host: str) -> None:
    transport = channel.connection.transport
    writes: list[int] = []
    write = transport._write

    def counted(piece: bytes) -> None:
        writes.append(len(piece))
        write(piece)

    transport._write = counted
    with corked(channel.connection.client):
        send(channel, b"one", b"two" * 1000, b"three" * 100_000)
        assert not writes
    assert len(writes) == 1
    eventually(lambda: waiting(virtual_host) == 3)


def test_nothing_of_a_window_leaves_when_it_cannot_be_made(channel: Any, virtual_host: str) -> None:
    def fail() -> None:
        with corked(channel.connection.client):
            send(channel, b"one")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    send(channel, b"two")
    eventually(lambda: waiting(virtual_host) == 1)


@pytest.mark.parametrize("size", [1, 16_383, 16_384, 16_385, 500_000])
def test_what_is_read_ahead_is_neither_lost_nor_mixed_up(channel: Any, size: int) -> None:
    bodies = [bytes([number]) * size for number in range(20)]
    send(channel, *bodies)
    got: list[bytes] = []
    channel.auto_decode = False
    channel.basic_consume(QUEUE, no_ack=True, callback=lambda message: got.append(bytes(message.body)))
    while len(got) < len(bodies):
        channel.connection.drain_events(timeout=10)
    assert got == bodies
