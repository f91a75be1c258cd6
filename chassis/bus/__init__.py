"""One way to send and hear events, with two carriers: RabbitMQ, or the process itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event as Flag
from typing import Protocol

from chassis.bus.report import Report
from chassis.handling import Delivered
from contracts.event import Message


class BusAway(Exception):
    """Sending failed or its outcome is unknown: send the same events again."""


class Unroutable(BusAway):
    """The broker is there, but no queue took events of these types."""

    def __init__(self, types: set[str]) -> None:
        super().__init__(f"unroutable {', '.join(sorted(types))}")
        self.types = types


@dataclass(frozen=True)
class Outgoing:
    """An event on its way: `key` is its routing key, `body` the envelope's bytes."""

    id: str
    type: str
    key: str
    body: bytes


@dataclass(frozen=True)
class Interest:
    """What one queue hears: events of these types, whose subjects fall into its shard."""

    types: Sequence[str]
    shard: int = 0
    shards: int = 1


Topics = Mapping[str, Interest]
"""What each queue hears, whether or not its service runs now."""


@dataclass(frozen=True)
class Subscriber:
    """`handle` returns once all it was given is committed. `queue` is durable and named for its owner.

    `check` raises Undecodable for what can never be handled; it goes to the dead-letter queue at once.
    """

    queue: str
    handle: Callable[[Sequence[Delivered]], None]
    check: Callable[[Message], None] = lambda _message: None


def at_rest() -> None:
    """There is nothing to do meanwhile."""


class Publisher(Protocol):
    """The relay's side of a bus. Any method may raise BusAway."""

    def publish(self, window: Sequence[Outgoing], meanwhile: Callable[[], None] = at_rest) -> None:
        """On return every queue that hears them has them safe. Unroutable when no queue does.

        `meanwhile` is called once they are on their way, before it is known whether they arrive.
        """

    def fill(self, queue: str, window: Sequence[Outgoing]) -> None:
        """On return this one queue has them safe."""

    def is_there(self, queue: str) -> bool:
        """Whether its consumer has made the queue."""

    def bind(self, queue: str, types: Sequence[str]) -> None:
        """From now on the queue gets what is published of these types."""

    def withhold(self, queue: str, types: Sequence[str]) -> None:
        """From now on it does not; it is filled instead."""

    def keep_alive(self) -> None:
        """Called about every second while there is nothing to publish. BusAway when the link is gone."""

    def close(self) -> None: ...


class Bus(Protocol):
    """`tick` is called at least every second, so that a watchdog can tell a stuck loop."""

    @property
    def topics(self) -> Topics: ...

    def publisher(self) -> Publisher: ...

    def consume(self, subscriber: Subscriber, stop: Flag, tick: Callable[[], None]) -> None:
        """Feed the subscriber until `stop`; reconnects by itself."""

    def report(self, report: Report) -> None:
        """On return every source has it safe. BusAway otherwise."""

    def start_over(self, queue: str, lost_after: datetime) -> None:
        """Empty the queue and have it filled with all since then, in order. BusAway: again."""
