"""Sending to RabbitMQ: what is told as sent is safe, and only that. Why so: docs/delivery-guarantees.md."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import amqp

from chassis import envelope
from chassis.bus import BusAway, Outgoing, Topics, Unroutable, at_rest, topology
from chassis.bus.link import ANSWER_SECONDS, bounded, connect, drop, queue_exists
from chassis.bus.wire import corked

SETTLE_SECONDS = 10
Declare = Callable[[Any], None]


def nothing(_channel: Any) -> None:
    """For who finds on the broker what it needs."""


class AmqpPublisher:
    """Publishes windows with our own confirm tracking, one connection, one thread.

    py-amqp takes any ack for the one it waits for, so after one confirm time-out the next publish
    would be believed although the broker refused it. Hence: our own set of outstanding tags, and any
    doubt closes the connection and leaves the outcome unknown (BusAway).
    """

    def __init__(self, url: str, exchange: str, declare: Declare, mandatory: bool = True) -> None:
        self._exchange = exchange
        self._mandatory = mandatory
        self._outstanding: set[int] = set()
        self._refused: list[str] = []
        self._unroutable: set[str] = set()
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

    def publish(self, window: Sequence[Outgoing], meanwhile: Callable[[], None] = at_rest) -> None:
        """On return every message is confirmed and, if mandatory, reached a queue.

        `meanwhile` is called while the broker works on them: what it does must not depend on the outcome.
        BusAway: send them all again. Unroutable when some found no queue.
        """
        self.publish_to([(self._exchange, event.key, event) for event in window], meanwhile)

    def publish_to(
        self, window: Sequence[tuple[str, str, Outgoing]], meanwhile: Callable[[], None] = at_rest
    ) -> None:
        """The same with an exchange and a routing key for each."""
        self._refused.clear()
        self._unroutable.clear()
        self._ask(lambda: self._send_all(window))
        try:
            meanwhile()
        except Exception:
            self.close()
            raise
        # Not by the time-out of drain_events: each heartbeat of the broker starts it anew.
        self._ask(self._settle_all, SETTLE_SECONDS)
        if self._refused or self._unroutable:
            self.close()
        if self._refused:
            raise BusAway(f"refused: {', '.join(self._refused[:5])}")
        if self._unroutable:
            raise Unroutable(set(self._unroutable))

    def _ask(self, what: Callable[[], None], seconds: float = ANSWER_SECONDS) -> None:
        """Within a time; any doubt ends this publisher."""
        if self._closed:
            raise BusAway("this publisher was closed after an unknown outcome")
        try:
            with bounded(self._connection, seconds):
                self._connection.heartbeat_check()
                what()
        except Exception as error:
            self.close()
            raise BusAway(f"outcome unknown: {type(error).__name__} {error}") from error

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

    def _send_all(self, window: Sequence[tuple[str, str, Outgoing]]) -> None:
        with corked(self._connection):
            for exchange, key, event in window:
                self._send(exchange, key, event)

    def _settle_all(self) -> None:
        while self._outstanding:
            self._connection.drain_events(timeout=SETTLE_SECONDS)

    def _send(self, exchange: str, key: str, event: Outgoing) -> None:
        message = amqp.Message(
            event.body,
            content_type=envelope.CONTENT_TYPE,
            delivery_mode=2,
            message_id=event.id,
            type=event.type,
        )
        self._outstanding.add(self._next_tag)
        self._next_tag += 1
        self._channel.basic_publish(message, exchange=exchange, routing_key=key, mandatory=self._mandatory)

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._outstanding -= {t for t in self._outstanding if t <= tag} if multiple else {tag}

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._refused.append(f"nack {tag}")
        self._on_ack(tag, multiple)

    def _on_return(self, _error: Exception, _exchange: str, _key: str, message: amqp.Message) -> None:
        """The broker found no queue for it; it is confirmed all the same, and dropped."""
        self._unroutable.add(message.properties.get("type", ""))


class LogPublisher(AmqpPublisher):
    """The relay's: to all queues by the exchange, or to one that is filled from the log."""

    def __init__(self, url: str, topics: Topics, declare: Declare) -> None:
        super().__init__(url, topology.EVENTS.name, declare)
        self._topics = topics

    def fill(self, queue: str, window: Sequence[Outgoing]) -> None:
        way = topology.FILLING.name
        self.publish_to([(way, topology.filling_key(event.key, queue), event) for event in window])

    def is_there(self, queue: str) -> bool:
        there: list[bool] = []
        self._ask(lambda: there.append(queue_exists(self._connection, queue)))
        return there[0]

    def bind(self, queue: str, types: Sequence[str]) -> None:
        self._ask(lambda: topology.bind(self._channel, queue, self._keys(queue, types)))

    def withhold(self, queue: str, types: Sequence[str]) -> None:
        if self.is_there(queue):
            self._ask(lambda: topology.unbind(self._channel, queue, self._keys(queue, types)))

    def _keys(self, queue: str, types: Sequence[str]) -> list[str]:
        return [key for type in types for key in topology.binding_keys(type, self._topics[queue])]
