"""Batches from one queue to one subscriber, acked only after it committed them."""

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event as Flag
from typing import Any

import amqp
import structlog
from kombu import Connection

from chassis import envelope
from chassis.bus import Subscriber, condition, topology
from chassis.bus.link import bounded
from chassis.bus.watch import Watch
from chassis.envelope import Undecodable
from chassis.handling import Delivered
from contracts.event import Message

log = structlog.get_logger()

PREFETCH = 200
DECLARE_AGAIN_SECONDS = 60
Declare = Callable[[Any], None]


class Feed:
    """`watch` is for a queue of events; a mailbox has a `door` instead, its exchange.

    Messages are taken as they come: kombu would unpack what an outsider's headers call compressed.
    """

    def __init__(
        self,
        connection: Connection,
        subscriber: Subscriber,
        declare: Declare,
        door: str | None,
        watch: Watch | None,
        rank: int,
    ) -> None:
        self._connection = connection
        self._subscriber = subscriber
        self._declare = declare
        self._door = door
        self._watch = watch
        self._rank = rank
        self._received: list[amqp.Message] = []

    def run(self, stop: Flag, tick: Callable[[], None]) -> None:
        channel = self._set_up()
        condition.well(self._subscriber.queue)
        declared = time.monotonic()
        while not stop.is_set():
            tick()
            self._connection.heartbeat_check()
            self._fill()
            self._hand_over(channel)
            if self._watch:
                self._watch.look()
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
            # From RabbitMQ 4 on the workers share the shards by this; before, the first takes all.
            arguments = {"x-priority": self._rank}
            queue = self._subscriber.queue
            channel.basic_consume(queue, callback=self._received.append, arguments=arguments)
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
        probes = [message for message in batch if self._watch and self._watch.is_probe(message)]
        settled = {tag_of(message) for message in probes}
        rest = [message for message in batch if tag_of(message) not in settled]
        good = {tag_of(message): delivered for message in rest if (delivered := self._read(message))}
        if good:
            self._subscriber.handle(list(good.values()))
        for message in rest:
            if tag_of(message) not in good:
                channel.basic_reject(tag_of(message), requeue=False)
        if settled := settled | good.keys():
            channel.basic_ack(max(settled), multiple=True)
        if self._watch:
            self._watch.note([delivered.message for delivered in good.values()], probes)

    def _read(self, message: amqp.Message) -> Delivered | None:
        body = bytes(message.body or b"")
        try:
            event = envelope.open_up(body, message.properties.get("user_id"))
            self._must_be_said_rightly(message, event)
            self._subscriber.check(event)
            headers = message.properties.get("application_headers", {})
            return Delivered(event, body.decode(), int(headers.get("x-delivery-count", 0)))
        except Undecodable as error:
            log.error("not an event, dead-lettered", queue=self._subscriber.queue, error=str(error)[:200])
            return None

    def _must_be_said_rightly(self, message: amqp.Message, event: Message) -> None:
        exchange, key = message.delivery_info["exchange"], message.delivery_info["routing_key"]
        if not topology.is_said_rightly(event, self._subscriber.queue, self._door, exchange, key):
            raise Undecodable(f"{event.type} under the key {key} of {exchange!r}, which is not its source's")


def tag_of(message: amqp.Message) -> int:
    tag: int = message.delivery_info["delivery_tag"]
    return tag
