"""One way to send and hear events, with two carriers: RabbitMQ, or the process itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event as Flag
from typing import Protocol

from chassis.consumer import Delivered
from contracts.event import Message


class BusAway(Exception):
    """Sending failed or its outcome is unknown: send the same events again."""


@dataclass(frozen=True)
class Outgoing:
    """An event on its way: `body` is the envelope's bytes."""

    id: str
    type: str
    body: bytes


@dataclass(frozen=True)
class Subscriber:
    """`handle` returns once all it was given is committed. `queue` is durable and named for its owner.

    `check` raises Undecodable for what can never be handled; it goes to the dead-letter queue at once.
    """

    queue: str
    handle: Callable[[Sequence[Delivered]], None]
    check: Callable[[Message], None] = lambda _message: None


class Publisher(Protocol):
    def publish(self, window: Sequence[Outgoing]) -> None:
        """On return every subscriber entitled to them has them safe. BusAway otherwise."""

    def keep_alive(self) -> None:
        """Called about every second while there is nothing to publish. BusAway when the link is gone."""

    def close(self) -> None: ...


class Bus(Protocol):
    """`tick` is called at least every second, so that a watchdog can tell a stuck loop."""

    def publisher(self) -> Publisher: ...

    def consume(self, subscriber: Subscriber, stop: Flag, tick: Callable[[], None]) -> None:
        """Feed the subscriber until `stop`; reconnects by itself."""


Topics = Mapping[str, Sequence[str]]
"""Which event types each service hears, whether or not it runs now."""
