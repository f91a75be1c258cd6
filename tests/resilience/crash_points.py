"""Where a process is made to die. Its code is wrapped in that process alone: the product has no hook."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kombu import Connection
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from chassis import consumer, parking, subscriptions
from chassis.bus import topology
from chassis.bus.amqp import AmqpBus
from chassis.bus.publisher import AmqpPublisher, LogPublisher
from chassis.consumer import Consumer

Pass = Callable[[], None]
SICK, PARKED, LOST = "its reactions fail", "something is parked", "its queue is deleted"


@dataclass(frozen=True)
class Point:
    """`victim` says which process has this point; `passes` is about how often a run comes by.

    `given`: what must be so before it comes by at all.
    """

    victim: str
    wrap: Callable[[Pass], None]
    passes: int = 3
    given: str = ""

    def arm(self, at_pass: int) -> None:
        """From now on this process dies, as by kill -9, when it comes by for the `at_pass`-th time."""
        left = at_pass

        def come_by() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        self.wrap(come_by)


def before(owner: Any, name: str) -> Callable[[Pass], None]:
    def wrap(come_by: Pass) -> None:
        real = getattr(owner, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            come_by()
            return real(*arguments, **named)

        setattr(owner, name, wrapped)

    return wrap


def after(owner: Any, name: str) -> Callable[[Pass], None]:
    def wrap(come_by: Pass) -> None:
        real = getattr(owner, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            result = real(*arguments, **named)
            come_by()
            return result

        setattr(owner, name, wrapped)

    return wrap


def at_the_end_of(owner: Any, name: str) -> Callable[[Pass], None]:
    """Also when it fails."""

    def wrap(come_by: Pass) -> None:
        real = getattr(owner, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            try:
                return real(*arguments, **named)
            finally:
                come_by()

        setattr(owner, name, wrapped)

    return wrap


def on_session(moment: str) -> Callable[[Pass], None]:
    return lambda come_by: event.listen(Session, moment, lambda _session: come_by())


def on_every_statement(come_by: Pass) -> None:
    """After each, and before each commit."""
    event.listen(Engine, "after_cursor_execute", lambda *_: come_by())
    event.listen(Engine, "commit", lambda _connection: come_by())


def on_the_first_wait_for_confirms(come_by: Pass) -> None:
    """All of the window is on its way, and no confirm was read."""
    sending = threading.local()
    send_all, drain = AmqpPublisher._send_all, Connection.drain_events

    def wrapped(self: AmqpPublisher, window: Any) -> None:
        sending.now = True
        send_all(self, window)

    def draining(self: Any, *arguments: Any, **named: Any) -> Any:
        if getattr(sending, "now", False):
            sending.now = False
            come_by()
        return drain(self, *arguments, **named)

    AmqpPublisher._send_all = wrapped  # type: ignore[method-assign]
    Connection.drain_events = draining


POINTS = {
    "before commit": Point("speaker", on_session("before_commit"), 20),
    "after commit, before anyone is told": Point("speaker", on_session("after_commit"), 20),
    "after commit, before publish": Point("north", before(AmqpPublisher, "publish")),
    "in the middle of publishing": Point("north", after(AmqpPublisher, "_send"), 30),
    "after publish, before confirm": Point("north", on_the_first_wait_for_confirms),
    "after confirm, before mark": Point("north", after(AmqpPublisher, "publish")),
    "after receive, before transaction": Point("south", before(Consumer, "handle")),
    "mid transaction": Point("south", at_the_end_of(Consumer, "_react"), 30),
    "after commit, before ack": Point("south", after(Consumer, "handle")),
    "while parking, before its commit": Point("south", after(consumer, "put_aside"), given=SICK),
    "while parking, after its commit": Point("south", after(Consumer, "_park"), given=SICK),
    "while retrying what is parked": Point("south", before(parking, "settle"), given=PARKED),
    "during replay, before publishing": Point("north", before(LogPublisher, "fill"), 1, LOST),
    "during replay, before the mark": Point("north", before(subscriptions, "advance"), 1, LOST),
    "during hand-over, before binding": Point("north", before(LogPublisher, "bind"), 1, LOST),
    "during hand-over, after binding": Point("north", after(LogPublisher, "bind"), 1, LOST),
    "during hand-over, after going live": Point("north", after(subscriptions, "go_live"), 1, LOST),
    "queue lost, before its source is told": Point("south", before(AmqpBus, "report"), 1, LOST),
    "queue lost, before it is made anew": Point("south", after(AmqpBus, "report"), 1, LOST),
    "queue made anew, before it is heard": Point("south", after(topology, "declare_queue"), 2, LOST),
}
EVERY = {**POINTS, "during migration": Point("migration", on_every_statement, 7)}
