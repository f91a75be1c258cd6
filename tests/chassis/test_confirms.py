"""The publisher's traps on a real broker: what is told as sent is safe, and only that."""

import contextlib
import time
from typing import Any

import amqp
import pytest
from kombu import Connection, Queue

from chassis.bus import BusAway, Outgoing, topology
from chassis.bus.publisher import AmqpPublisher, nothing

EVENT = Outgoing("0197-a", "motcua.toy.counted.v1", "toy.counted", b"{}")
FULL = Queue(
    "full",
    queue_arguments={"x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish"},
)


@pytest.fixture
def full_queue(virtual_host: str) -> str:
    """A queue that refuses (nacks) everything after its first message."""
    with Connection(virtual_host) as connection:
        topology.declare(connection.default_channel, {})
        bound: Any = FULL(connection.default_channel)
        bound.declare()
        bound.bind_to(topology.EVENTS.name, "toy.counted")
        end = time.monotonic() + 10
        while connection.default_channel.queue_declare("full", passive=True).message_count < 1:
            assert time.monotonic() < end
            connection.default_channel.basic_publish(amqp.Message(b"x"), routing_key="full")
            time.sleep(0.2)
    return virtual_host


def test_what_the_broker_refuses_is_not_sent(full_queue: str) -> None:
    with contextlib.closing(AmqpPublisher(full_queue, topology.EVENTS.name, nothing)) as publisher:
        for _ in range(3):  # a quorum queue lets a few through before it counts
            with contextlib.suppress(BusAway):
                publisher.publish([EVENT])
        with pytest.raises(BusAway, match=r"nack|outcome"):
            publisher.publish([EVENT] * 5)


def test_what_reaches_no_queue_is_not_sent_although_it_is_confirmed(virtual_host: str) -> None:
    publisher = AmqpPublisher(
        virtual_host, topology.EVENTS.name, lambda channel: topology.declare(channel, {})
    )
    with pytest.raises(BusAway, match=r"unroutable motcua\.toy\.counted"):
        publisher.publish([EVENT])


def test_publishing_where_no_exchange_is_fails(virtual_host: str) -> None:
    publisher = AmqpPublisher(virtual_host, "no.such.exchange", nothing)
    with pytest.raises(BusAway):
        publisher.publish([EVENT])


def test_the_library_alone_believes_a_late_ack_and_we_do_not(full_queue: str) -> None:
    """After one confirm time-out py-amqp takes any ack for the next publish's: a false confirm."""
    with Connection(full_queue, transport_options={"confirm_publish": True}) as connection:
        channel = connection.channel()
        with contextlib.suppress(Exception):
            channel.basic_publish(
                amqp.Message(b"first", delivery_mode=2),
                exchange=topology.AGENCIES.name,
                routing_key="nobody",
                confirm_timeout=0.000001,
            )
        time.sleep(0.5)
        believed = False
        with contextlib.suppress(Exception):
            channel.basic_publish(
                amqp.Message(b"second", delivery_mode=2),
                exchange=topology.EVENTS.name,
                routing_key="toy.counted",
                confirm_timeout=5,
            )
            believed = True
    assert believed, "py-amqp no longer believes the late ack: AmqpPublisher may become simpler"

    publisher = AmqpPublisher(full_queue, topology.EVENTS.name, nothing)
    with pytest.raises(BusAway):
        publisher.publish([EVENT] * 5)


def test_after_any_doubt_the_connection_is_not_used_again(virtual_host: str) -> None:
    publisher = AmqpPublisher(
        virtual_host, topology.EVENTS.name, lambda channel: topology.declare(channel, {})
    )
    with pytest.raises(BusAway):
        publisher.publish([EVENT])
    with pytest.raises(BusAway):
        publisher.publish([])


def test_when_what_is_done_meanwhile_fails_the_connection_is_not_used_again(virtual_host: str) -> None:
    publisher = AmqpPublisher(virtual_host, topology.EVENTS.name, nothing)

    def fail() -> None:
        raise ValueError("the database is away")

    with pytest.raises(ValueError, match="away"):
        publisher.publish([], fail)
    with pytest.raises(BusAway, match="closed"):
        publisher.publish([])
