"""The bus of the trial run: all workers share one process, and a relay hands its events straight over.

An event counts as sent once every subscribing service has committed it, so the outbox is the only
queue there is and nothing is kept in memory that could be lost.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from threading import Event as Flag

from chassis import envelope
from chassis.bus import BusAway, Outgoing, Subscriber, Topics, at_rest
from chassis.bus.report import MAILBOX, Report
from chassis.db import new_id
from chassis.handling import Delivered


class EmbeddedBus:
    def __init__(self, topics: Topics, doors: Collection[str] = ()) -> None:
        self.topics = topics
        self._mailboxes = [door for door in doors if door.endswith(MAILBOX)]
        self._withheld: set[tuple[str, str]] = set()
        self._subscribers: dict[str, Subscriber] = {}
        self._locks = {queue: threading.Lock() for queue in topics}

    def publisher(self) -> "EmbeddedBus":
        return self

    def keep_alive(self) -> None:
        """There is no connection to keep."""

    def close(self) -> None:
        """There is no connection to close."""

    def publish(self, window: Sequence[Outgoing], meanwhile: Callable[[], None] = at_rest) -> None:
        meanwhile()
        for queue, interest in self.topics.items():
            heard = {type for type in interest.types if (queue, type) not in self._withheld}
            if wanted := [event for event in window if event.type in heard]:
                self.fill(queue, wanted)

    def is_there(self, queue: str) -> bool:
        return queue in self._subscribers

    def bind(self, queue: str, types: Sequence[str]) -> None:
        self._withheld -= {(queue, type) for type in types}

    def withhold(self, queue: str, types: Sequence[str]) -> None:
        self._withheld |= {(queue, type) for type in types}

    def consume(self, subscriber: Subscriber, stop: Flag, tick: Callable[[], None]) -> None:
        self._subscribers[subscriber.queue] = subscriber
        try:
            while not stop.wait(1):
                tick()
        finally:
            with self._locks.setdefault(subscriber.queue, threading.Lock()):
                del self._subscribers[subscriber.queue]

    def report(self, report: Report) -> None:
        body = envelope.seal_up(report, new_id(), datetime.now(UTC), 0, None)
        told = Delivered(envelope.open_up(body), body.decode())
        for mailbox in self._mailboxes:
            if mailbox not in self._subscribers:
                raise BusAway(f"{mailbox} is not listening yet")
            self._subscribers[mailbox].handle([told])

    def start_over(self, queue: str, lost_after: datetime) -> None:
        self.report(Report(queue=queue, emptied=True, lost_after=lost_after))

    def fill(self, queue: str, window: Sequence[Outgoing]) -> None:
        """One batch at a time for each subscriber, as a single active consumer would."""
        with self._locks[queue]:
            subscriber = self._subscribers.get(queue)
            if subscriber is None:
                raise BusAway(f"{queue} is not listening yet")
            try:
                subscriber.handle([_delivered(event) for event in window])
            except Exception as error:
                raise BusAway(f"{queue} could not commit: {type(error).__name__}") from error


def _delivered(event: Outgoing) -> Delivered:
    return Delivered(envelope.open_up(event.body), event.body.decode())
