"""RabbitMQ over kombu. Why it is written this way: docs/delivery-guarantees.md."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Event as Flag
from typing import Any

import amqp
import structlog
from kombu import Connection, Consumer
from kombu.message import Message as Received

from chassis import envelope
from chassis.bus import BusAway, Outgoing, Subscriber, Topics, topology
from chassis.consumer import Delivered
from chassis.envelope import Undecodable

log = structlog.get_logger()

HEARTBEAT_SECONDS = 20
SETTLE_SECONDS = 10
PREFETCH = 200
DECLARE_AGAIN_SECONDS = 60
Declare = Callable[[Any], None]


def connect(url: str) -> Connection:
    connection = Connection(url, heartbeat=HEARTBEAT_SECONDS, connect_timeout=5)
    connection.transport_options = {"read_timeout": 30, "write_timeout": 10, "client_properties": {}}
    return connection


class AmqpBus:
    """`doors` maps queues for outsiders' messages to the exchange they write to."""

    def __init__(self, url: str, topics: Topics, doors: Mapping[str, str] | None = None) -> None:
        self._url = url
        self._topics = topics
        self._doors = doors or {}

    def publisher(self) -> "AmqpPublisher":
        """BusAway when the broker cannot be reached."""
        return AmqpPublisher(self._url, topology.EVENTS.name, self._declare)

    def consume(self, subscriber: Subscriber, stop: Flag, tick: Callable[[], None]) -> None:
        while not stop.is_set():
            tick()
            try:
                with connect(self._url) as connection:
                    Feed(connection, subscriber, self._declare).run(stop, tick)
            except Exception as error:
                log.warning("consumer interrupted", queue=subscriber.queue, error=str(error)[:200])
                stop.wait(1)

    def _declare(self, channel: Any) -> None:
        topology.declare(channel, self._topics, self._doors)


class AmqpPublisher:
    """Publishes windows with our own confirm tracking, one exchange, one connection, one thread.

    py-amqp takes any ack for the one it waits for, so after one confirm time-out the next publish
    would be believed although the broker refused it. Hence: our own set of outstanding tags, and any
    doubt closes the connection and leaves the outcome unknown (BusAway).
    """

    def __init__(self, url: str, exchange: str, declare: Declare) -> None:
        self._exchange = exchange
        self._outstanding: set[int] = set()
        self._refused: list[str] = []
        self._closed = False
        self._connection = connect(url)
        try:
            self._channel = self._connection.default_channel
            declare(self._channel)
            self._channel.confirm_select()
        except Exception as error:
            self.close()
            raise BusAway(f"cannot reach the broker: {error}") from error
        self._next_tag = 1
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)

    def publish(self, window: Sequence[Outgoing]) -> None:
        self.publish_routed([(envelope.routing_key(event.type), event) for event in window])

    def publish_routed(self, window: Sequence[tuple[str, Outgoing]]) -> None:
        """On return every message is confirmed and reached a queue. BusAway: send them all again."""
        if self._closed:
            raise BusAway("this publisher was closed after an unknown outcome")
        self._refused.clear()
        try:
            self._connection.heartbeat_check()
            for key, event in window:
                self._send(key, event)
            self._settle()
        except Exception as error:
            self.close()
            raise BusAway(f"outcome unknown: {type(error).__name__} {error}") from error
        if self._refused:
            self.close()
            raise BusAway(f"refused or unroutable: {', '.join(self._refused[:5])}")

    def close(self) -> None:
        """Without a farewell: a frozen broker would keep us waiting for its answer."""
        self._closed = True
        _drop(self._connection)

    def _send(self, key: str, event: Outgoing) -> None:
        message = amqp.Message(
            event.body,
            content_type=envelope.CONTENT_TYPE,
            delivery_mode=2,
            message_id=event.id,
            type=event.type,
        )
        self._outstanding.add(self._next_tag)
        self._next_tag += 1
        self._channel.basic_publish(
            message, exchange=self._exchange, routing_key=key, mandatory=True, timeout=SETTLE_SECONDS
        )

    def _settle(self) -> None:
        end = time.monotonic() + SETTLE_SECONDS
        while self._outstanding:
            self._connection.drain_events(timeout=max(end - time.monotonic(), 0.001))

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._outstanding -= {t for t in self._outstanding if t <= tag} if multiple else {tag}

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._refused.append(f"nack {tag}")
        self._on_ack(tag, multiple)

    def _on_return(self, _error: Exception, _exchange: str, key: str, _message: amqp.Message) -> None:
        """The broker found no queue for it; it is confirmed all the same, and dropped."""
        self._refused.append(f"unroutable {key}")


class Feed:
    """Batches from one queue to one subscriber, acked only after it committed them."""

    def __init__(self, connection: Connection, subscriber: Subscriber, declare: Declare) -> None:
        self._connection = connection
        self._subscriber = subscriber
        self._declare = declare
        self._channel = connection.default_channel
        self._received: list[Received] = []

    def run(self, stop: Flag, tick: Callable[[], None]) -> None:
        self._declare(self._channel)
        queue = topology.quorum_queue(self._subscriber.queue)(self._channel)
        consumer = Consumer(self._channel, [queue], on_message=self._received.append, auto_declare=False)
        consumer.qos(prefetch_count=PREFETCH, apply_global=False)
        consumer.consume()
        declared = time.monotonic()
        while not stop.is_set():
            tick()
            self._connection.heartbeat_check()
            self._fill()
            self._hand_over()
            if time.monotonic() - declared > DECLARE_AGAIN_SECONDS:
                self._declare(self._channel)
                declared = time.monotonic()

    def _fill(self) -> None:
        """Wait up to a second for the first message, then take what is already here."""
        patience = 1.0
        try:
            while len(self._received) < PREFETCH:
                self._connection.drain_events(timeout=patience)
                patience = 0.002
        except TimeoutError:
            pass

    def _hand_over(self) -> None:
        batch, self._received[:] = list(self._received), []
        if not batch:
            return
        good = [delivered for message in batch if (delivered := self._read(message))]
        self._subscriber.handle(good)
        unacked = [message.delivery_tag for message in batch if not message.acknowledged]
        if unacked:
            self._channel.basic_ack(max(unacked), multiple=True)

    def _read(self, message: Received) -> Delivered | None:
        """None for what is no event: it goes to the dead-letter queue, the reason to the log."""
        body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
        try:
            event = envelope.open_up(body, message.properties.get("user_id"))
            self._subscriber.check(event)
            return Delivered(event, body.decode())
        except Undecodable as error:
            log.error("not an event, dead-lettered", queue=self._subscriber.queue, error=str(error)[:200])
            message.reject(requeue=False)
            return None


def _drop(connection: Connection) -> None:
    """Close the socket at once."""
    connection.collect(socket_timeout=1)
