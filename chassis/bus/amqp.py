"""RabbitMQ over kombu. Why it is written this way: docs/delivery-guarantees.md."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Event as Flag
from typing import Any

import amqp
import structlog
from kombu import Connection

from chassis import envelope
from chassis.bus import BusAway, Outgoing, Subscriber, Topics, topology
from chassis.bus.link import bounded, connect, drop
from chassis.consumer import Delivered
from chassis.envelope import Undecodable

log = structlog.get_logger()

SETTLE_SECONDS = 10
PREFETCH = 200
DECLARE_AGAIN_SECONDS = 60
Declare = Callable[[Any], None]


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
                self._feed(subscriber, stop, tick)
            except Exception as error:
                log.warning("consumer interrupted", queue=subscriber.queue, error=str(error)[:200])
                stop.wait(1)

    def _feed(self, subscriber: Subscriber, stop: Flag, tick: Callable[[], None]) -> None:
        connection = connect(self._url)
        try:
            Feed(connection, subscriber, self._declare).run(stop, tick)
        finally:
            drop(connection)

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
        try:
            self._connection = connect(url)
        except Exception as error:
            raise BusAway(f"cannot reach the broker: {error}") from error
        try:
            self._channel = self._set_up(declare)
        except Exception as error:
            self.close()
            raise BusAway(f"cannot set the broker up: {error}") from error
        self._next_tag = 1
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)

    def _set_up(self, declare: Declare) -> Any:
        with bounded(self._connection):
            channel = self._connection.default_channel
            declare(channel)
            channel.confirm_select()
        return channel

    def publish(self, window: Sequence[Outgoing]) -> None:
        self.publish_routed([(envelope.routing_key(event.type), event) for event in window])

    def publish_routed(self, window: Sequence[tuple[str, Outgoing]]) -> None:
        """On return every message is confirmed and reached a queue. BusAway: send them all again."""
        if self._closed:
            raise BusAway("this publisher was closed after an unknown outcome")
        self._refused.clear()
        try:
            with bounded(self._connection):
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

    def keep_alive(self) -> None:
        try:
            self._connection.heartbeat_check()
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0.001)
        except Exception as error:
            self.close()
            raise BusAway(f"the broker is away: {type(error).__name__} {error}") from error

    def close(self) -> None:
        self._closed = True
        drop(self._connection)

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
    """Batches from one queue to one subscriber, acked only after it committed them.

    Messages are taken as they come: kombu would unpack what an outsider's headers call compressed.
    """

    def __init__(self, connection: Connection, subscriber: Subscriber, declare: Declare) -> None:
        self._connection = connection
        self._subscriber = subscriber
        self._declare = declare
        self._received: list[amqp.Message] = []

    def run(self, stop: Flag, tick: Callable[[], None]) -> None:
        channel = self._set_up()
        declared = time.monotonic()
        while not stop.is_set():
            tick()
            self._connection.heartbeat_check()
            self._fill()
            self._hand_over(channel)
            if time.monotonic() - declared > DECLARE_AGAIN_SECONDS:
                with bounded(self._connection):
                    self._declare(channel)
                declared = time.monotonic()

    def _set_up(self) -> Any:
        with bounded(self._connection):
            channel = self._connection.default_channel
            channel.auto_decode = False
            self._declare(channel)
            channel.basic_qos(prefetch_size=0, prefetch_count=PREFETCH, a_global=False)
            channel.basic_consume(self._subscriber.queue, callback=self._received.append)
        return channel

    def _fill(self) -> None:
        """Wait up to a second for the first message, then take what is already here."""
        patience = 1.0
        with suppress(TimeoutError):
            while len(self._received) < PREFETCH:
                self._connection.drain_events(timeout=patience)
                patience = 0.002

    def _hand_over(self, channel: Any) -> None:
        """What is no event goes to the dead-letter queue, the reason to the log."""
        batch, self._received[:] = list(self._received), []
        if not batch:
            return
        good = {tag_of(message): delivered for message in batch if (delivered := self._read(message))}
        self._subscriber.handle(list(good.values()))
        for message in batch:
            if tag_of(message) not in good:
                channel.basic_reject(tag_of(message), requeue=False)
        if good:
            channel.basic_ack(max(good), multiple=True)

    def _read(self, message: amqp.Message) -> Delivered | None:
        body = bytes(message.body or b"")
        try:
            event = envelope.open_up(body, message.properties.get("user_id"))
            self._subscriber.check(event)
            return Delivered(event, body.decode())
        except Undecodable as error:
            log.error("not an event, dead-lettered", queue=self._subscriber.queue, error=str(error)[:200])
            return None


def tag_of(message: amqp.Message) -> int:
    tag: int = message.delivery_info["delivery_tag"]
    return tag
