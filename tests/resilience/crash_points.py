"""Where a process is made to die. Its code is wrapped in that process alone: the product has no hook."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from chassis import consumer, parking
from chassis.bus.amqp import AmqpPublisher
from chassis.consumer import Consumer

Pass = Callable[[], None]


@dataclass(frozen=True)
class Point:
    """`victim` says which process has this point; `passes` is about how often a run comes by."""

    victim: str
    wrap: Callable[[Pass], None]
    passes: int = 3

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


POINTS = {
    "before commit": Point("speaker", on_session("before_commit"), 20),
    "after commit, before anyone is told": Point("speaker", on_session("after_commit"), 20),
    "after commit, before publish": Point("north", before(AmqpPublisher, "publish")),
    "in the middle of publishing": Point("north", after(AmqpPublisher, "_send"), 30),
    "after publish, before confirm": Point("north", before(AmqpPublisher, "_settle")),
    "after confirm, before mark": Point("north", after(AmqpPublisher, "publish")),
    "after receive, before transaction": Point("south", before(Consumer, "handle")),
    "mid transaction": Point("south", at_the_end_of(Consumer, "_react"), 30),
    "after commit, before ack": Point("south", after(Consumer, "handle")),
    "while parking, before its commit": Point("south", after(consumer, "_put_aside")),
    "while parking, after its commit": Point("south", after(Consumer, "_park")),
    "while retrying what is parked": Point("south", before(parking, "settle")),
}
EVERY = {**POINTS, "during migration": Point("migration", on_every_statement, 7)}
