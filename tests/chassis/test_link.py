"""RabbitMQ that does not answer, cancels, or carries nonsense: nothing waits without limit, nothing stops."""

import bz2
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import amqp
import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from chassis import envelope
from chassis.bus import BusAway, Interest, Outgoing, Subscriber, link, topology
from chassis.bus.amqp import AmqpBus
from chassis.bus.publisher import AmqpPublisher, LogPublisher, nothing
from chassis.bus.report import Report
from chassis.db import new_id
from chassis.handling import Delivered
from tests.chassis.toys import Counted, eventually
from tests.servers import RabbitMQ

QUEUE = "south.events"
TOPICS = {QUEUE: Interest([Counted.type])}
DOORS = {"north.subscribers": topology.SUBSCRIBERS.name}
HEARTBEAT = bytes([8, 0, 0, 0, 0, 0, 0, 0xCE])


class Between:
    """Stands before a broker. Once `silent`, nothing is answered any more, but the heart beats."""

    def __init__(self, url: str) -> None:
        there = urlsplit(url)
        self._broker = (there.hostname or "127.0.0.1", there.port or 5672)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = there._replace(
            netloc=f"{there.username}:{there.password}@127.0.0.1:{self._listener.getsockname()[1]}"
        ).geturl()
        self.silent = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        broker = socket.create_connection(self._broker)
        threading.Thread(target=self._carry, args=[client, broker, b""], daemon=True).start()
        self._carry(broker, client, HEARTBEAT)

    def _carry(self, source: socket.socket, target: socket.socket, heartbeat: bytes) -> None:
        source.settimeout(0.2)
        with source, target:
            while True:
                try:
                    data = source.recv(65536)
                    if not data:
                        return
                except TimeoutError:
                    data = b""
                except OSError:
                    return
                target.sendall(heartbeat if self.silent.is_set() else data)

    def close(self) -> None:
        self._listener.close()


def declare(channel: Any) -> None:
    topology.declare(channel, {})
    topology.declare_events(channel, QUEUE)
    topology.bind(channel, QUEUE, topology.binding_keys(Counted.type, TOPICS[QUEUE]))


def event(number: int, who: str = "an") -> Outgoing:
    id = new_id()
    counted = Counted(who=who, number=number)
    body = envelope.seal_up(counted, id, datetime.now(UTC), number, None)
    return Outgoing(str(id), Counted.type, topology.routing_key(Counted.type, who), body)


@contextmanager
def heard(url: str, queue: str = QUEUE) -> Iterator[list[str]]:
    """What a subscriber hears, while it does."""
    bodies: list[str] = []
    stop = threading.Event()

    def handle(batch: Sequence[Delivered]) -> None:
        bodies.extend(delivered.body for delivered in batch)

    subscriber, bus = Subscriber(queue, handle), AmqpBus(url, TOPICS, DOORS)
    thread = threading.Thread(target=bus.consume, args=[subscriber, stop, lambda: None])
    thread.start()
    try:
        yield bodies
    finally:
        stop.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


def test_a_broker_that_answers_nothing_but_keeps_its_heart_beating_is_given_up(virtual_host: str) -> None:
    with closing(Between(virtual_host)) as between:
        connection = link.connect(between.url)
        between.silent.set()
        with (
            pytest.raises(TimeoutError, match="no answer from the broker in 2 s"),
            link.bounded(connection, 2),
        ):
            declare(connection.default_channel)
        link.drop(connection)


def test_what_fails_by_itself_says_why(virtual_host: str) -> None:
    connection = link.connect(virtual_host)
    with pytest.raises(amqp.NotFound), link.bounded(connection):
        connection.default_channel.queue_declare("nowhere", passive=True)
    link.drop(connection)


def test_looking_for_a_queue_again_and_again_leaves_no_channels_open(virtual_host: str) -> None:
    connection = link.connect(virtual_host)
    declare(connection.default_channel)
    assert [link.queue_exists(connection, name) for name in (QUEUE, "nowhere") * 20] == [True, False] * 20
    channels = [channel for channel in connection.connection.channels.values() if channel]
    assert len(channels) <= 2
    link.drop(connection)


def test_a_broker_that_is_not_there_is_tried_once_and_not_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(BusAway, match="cannot reach"):
        AmqpPublisher(f"amqp://guest:guest@127.0.0.1:{port}//", topology.EVENTS.name, declare)


def test_a_publisher_with_nothing_to_publish_keeps_its_link(
    virtual_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "HEARTBEAT_SECONDS", 1)
    kept = AmqpPublisher(virtual_host, topology.EVENTS.name, declare)
    forgotten = AmqpPublisher(virtual_host, topology.EVENTS.name, declare)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        kept.keep_alive()
        time.sleep(0.2)
    kept.publish([event(1)])
    with pytest.raises(BusAway):
        forgotten.publish([event(2)])
    kept.close()


def test_a_consumer_whose_queue_was_deleted_makes_it_again_and_says_so(virtual_host: str) -> None:
    with heard(virtual_host, "north.subscribers") as told, heard(virtual_host) as bodies:
        eventually(lambda: emptied(told) == [QUEUE])
        eventually(lambda: filled(virtual_host, event(1)))
        eventually(lambda: len(bodies) == 1)
        with Connection(virtual_host) as operator:
            operator.default_channel.queue_delete(QUEUE)
        eventually(lambda: filled(virtual_host, event(2)))
        eventually(lambda: len(bodies) == 2)
        eventually(lambda: emptied(told) == [QUEUE, QUEUE])


def emptied(told: Sequence[str]) -> list[str]:
    reports = [envelope.data_of(envelope.open_up(body), Report) for body in told]
    return [report.queue for report in reports if report.emptied]


def filled(url: str, outgoing: Outgoing) -> bool:
    try:
        with closing(LogPublisher(url, TOPICS, nothing)) as publisher:
            publisher.fill(QUEUE, [outgoing])
    except BusAway:
        return False
    return True


def test_what_cannot_be_an_event_is_dead_lettered_as_it_came_and_delays_nobody(virtual_host: str) -> None:
    packed = bz2.compress(event(1).body)
    nonsense = [
        amqp.Message(b"\x00\xff"),
        amqp.Message(b""),
        amqp.Message(packed, application_headers={"compression": "application/x-bz2"}),
        amqp.Message(b"xn--" + b"a" * 2000, content_encoding="punycode"),
        amqp.Message(event(2, who="a\x00b").body),
    ]
    with heard(virtual_host) as bodies, Connection(virtual_host) as outsider:
        declare(outsider.default_channel)
        outsider.default_channel.auto_decode = False
        for message in (*nonsense, amqp.Message(event(3).body)):
            outsider.default_channel.basic_publish(message, routing_key=QUEUE)
        eventually(lambda: len(bodies) == 1)
        assert '"number":3' in bodies[0]
        dead: list[bytes] = []
        eventually(lambda: len(take_into(dead, outsider)) == len(nonsense))
        assert packed in dead


def test_what_cannot_be_an_event_is_dead_lettered_at_once_and_not_tried_again(virtual_host: str) -> None:
    with heard(virtual_host), Connection(virtual_host) as outsider:
        found: list[Any] = []

        def look() -> bool:
            outsider.default_channel.basic_publish(amqp.Message(b"\x00\xff"), routing_key=QUEUE)
            found.append(outsider.default_channel.basic_get(f"{QUEUE}.dead", no_ack=True))
            return found[-1] is not None

        declare(outsider.default_channel)
        eventually(look)
        assert found[-1].headers["x-first-death-reason"] == "rejected"


def take_into(dead: list[bytes], broker: Connection) -> list[bytes]:
    message = broker.default_channel.basic_get(f"{QUEUE}.dead", no_ack=True)
    if message:
        dead.append(bytes(message.body or b""))
    return dead


def test_a_broker_over_tls_must_be_who_its_address_says(
    rabbitmq: RabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = rabbitmq.tls.url.replace("@localhost:", "@127.0.0.1:")
    with pytest.raises(OperationalError, match="self-signed certificate"):
        link.connect(rabbitmq.tls.url)
    monkeypatch.setenv("SSL_CERT_FILE", str(rabbitmq.tls.ca))
    with link.connect(rabbitmq.tls.url) as connection:
        assert connection.connected
    with pytest.raises(OperationalError, match=r"not valid for '127\.0\.0\.1'"):
        link.connect(elsewhere)
