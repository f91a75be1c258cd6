"""RabbitMQ over kombu. Why it is written this way: docs/delivery-guarantees.md."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Event as Flag
from typing import Any

import structlog

from chassis import envelope
from chassis.bus import BusAway, Outgoing, Subscriber, Topics, condition, topology
from chassis.bus.feed import Feed
from chassis.bus.link import bounded, connect, drop, queue_exists
from chassis.bus.publisher import AmqpPublisher, LogPublisher
from chassis.bus.report import Report
from chassis.bus.watch import Watch
from chassis.db import new_id

log = structlog.get_logger()

RANKS = 1000


class AmqpBus:
    """`doors` maps the mailboxes of others' messages to the exchange they write to.

    `service`: whose own account `url` names, which may make nothing but the service's queues.
    """

    def __init__(
        self, url: str, topics: Topics, doors: Mapping[str, str] | None = None, service: str | None = None
    ) -> None:
        self._url = url
        self._doors = doors or {}
        self._service = service
        self.topics = topics

    def publisher(self) -> LogPublisher:
        """BusAway when the broker cannot be reached."""
        return LogPublisher(self._url, self.topics, self._declare)

    def consume(self, subscriber: Subscriber, stop: Flag, tick: Callable[[], None]) -> None:
        rank = random.randrange(RANKS)
        while not stop.is_set():
            tick()
            try:
                self._feed(subscriber, rank, stop, tick)
            except Exception as error:
                condition.ill(subscriber.queue, str(error))
                log.warning("consumer interrupted", queue=subscriber.queue, error=str(error)[:200])
                stop.wait(1)

    def report(self, report: Report) -> None:
        publisher = AmqpPublisher(self._url, topology.SUBSCRIBERS.name, self._declare)
        id = new_id()
        body = envelope.seal_up(report, id, datetime.now(UTC), 0, None)
        try:
            publisher.publish([Outgoing(str(id), Report.type, report.queue, body)])
        finally:
            publisher.close()

    def start_over(self, queue: str, lost_after: datetime) -> None:
        """Its consumer makes it anew. What waited in it is in the logs, and comes in its place."""
        try:
            connection = connect(self._url)
            try:
                with bounded(connection):
                    connection.default_channel.queue_delete(queue)
            finally:
                drop(connection)
        except Exception as error:
            raise BusAway(f"{queue} could not be emptied: {error}") from error
        self.report(Report(queue=queue, emptied=True, lost_after=lost_after))

    def _feed(self, subscriber: Subscriber, rank: int, stop: Flag, tick: Callable[[], None]) -> None:
        connection = connect(self._url)
        name, interest = subscriber.queue, self.topics.get(subscriber.queue)
        try:
            # Told before it is made: cut off in between, it is told again and not forgotten.
            if interest and not queue_exists(connection, name):
                self.report(Report(queue=name, emptied=True))
            watch = Watch(self._url, name, interest, self.report) if interest else None
            door = self._doors.get(name)
            Feed(connection, subscriber, self._declaring(name), door, watch, rank).run(stop, tick)
        finally:
            drop(connection)

    def _declare(self, channel: Any) -> None:
        if self._service:
            topology.declare_own(channel, self._doors, self._service)
        else:
            topology.declare(channel, self._doors)

    def _declaring(self, queue: str) -> Callable[[Any], None]:
        def declare(channel: Any) -> None:
            self._declare(channel)
            if queue in self.topics:
                topology.declare_events(channel, queue)
            else:
                topology.declare_queue(channel, queue)

        return declare
