"""The bus of the trial run: all workers share one process, and a relay hands its events straight over.

An event counts as sent once every subscribing service has committed it, so the outbox is the only
queue there is and nothing is kept in memory that could be lost.
"""

import threading
from collections.abc import Callable, Sequence
from threading import Event as Flag

from chassis import envelope
from chassis.bus import BusAway, Outgoing, Subscriber, Topics
from chassis.consumer import Delivered


class EmbeddedBus:
    def __init__(self, topics: Topics) -> None:
        self._topics = {queue: frozenset(types) for queue, types in topics.items()}
        self._subscribers: dict[str, Subscriber] = {}
        self._locks = {queue: threading.Lock() for queue in topics}

    def publisher(self) -> "EmbeddedBus":
        return self

    def keep_alive(self) -> None:
        """There is no connection to keep."""

    def close(self) -> None:
        """There is no connection to close."""

    def publish(self, window: Sequence[Outgoing]) -> None:
        for queue, types in self._topics.items():
            wanted = [event for event in window if event.type in types]
            if wanted:
                self._hand_over(queue, [_delivered(event) for event in wanted])

    def consume(self, subscriber: Subscriber, stop: Flag, tick: Callable[[], None]) -> None:
        self._subscribers[subscriber.queue] = subscriber
        try:
            while not stop.wait(1):
                tick()
        finally:
            with self._locks.setdefault(subscriber.queue, threading.Lock()):
                del self._subscribers[subscriber.queue]

    def _hand_over(self, queue: str, batch: Sequence[Delivered]) -> None:
        """One batch at a time for each subscriber, as a single active consumer would."""
        with self._locks[queue]:
            subscriber = self._subscribers.get(queue)
            if subscriber is None:
                raise BusAway(f"{queue} is not listening yet")
            try:
                subscriber.handle(batch)
            except Exception as error:
                raise BusAway(f"{queue} could not commit: {type(error).__name__}") from error


def _delivered(event: Outgoing) -> Delivered:
    return Delivered(envelope.open_up(event.body), event.body.decode())
