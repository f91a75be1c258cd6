"""The present state of aggregates, published again for a subscriber that lacks what the log no longer has."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.event import Event

BATCH = 50
TRIES = 60
PAUSE_SECONDS = 0.2
# Shorter than PostgreSQL's deadlock_timeout: should we and a command wait for each other, we give way.
WAIT_FOR_LOCKS = "SET LOCAL lock_timeout = '500ms'"
LOCKED, DEADLOCK = "55P03", "40P01"

Some = Callable[[UnitOfWork, str, int], Sequence[tuple[str, Event | None]]]


@dataclass(frozen=True)
class Aggregates:
    """One kind of aggregate. `count` says how many there are, for the progress bar.

    `some(uow, after, limit)` gives those after the key `after` ("" before the first) by rising key, each
    with its snapshot, or None when nothing may be said of it any more; fewer than `limit` are the last.
    It locks them against change: a snapshot must not be numbered after a change that it does not show.
    ValueError for what is no key.
    """

    name: str
    event: type[Event]
    count: Callable[[UnitOfWork], int]
    some: Some


@dataclass(frozen=True)
class Step:
    """A committed batch: how many were looked at and recorded, and the place to go on from."""

    seen: int
    recorded: int
    place: str


def walk(units: UnitsOfWork, kinds: Sequence[Aggregates], after: str = "", only: str = "") -> Iterator[Step]:
    """Record a snapshot of every aggregate, a batch per transaction; the relay sends them.

    `after` is the place of an earlier walk's last step. `only`: subjects that begin so. ValueError when
    `after` is no place of these; DBAPIError when the database is away or something stays locked.
    """
    name, _, key = after.partition(":")
    left = list(dropwhile(lambda kind: bool(name) and kind.name != name, kinds))
    if not left:
        raise ValueError(f"no such place: {after!r}")
    for kind in left:
        yield from _walk_through(units, kind, key if kind.name == name else "", only)


def _walk_through(units: UnitsOfWork, kind: Aggregates, key: str, only: str) -> Iterator[Step]:
    seen = BATCH
    while seen == BATCH:
        seen, recorded, key = _patiently(units, kind, key, only)
        yield Step(seen, recorded, f"{kind.name}:{key}")


def _patiently(units: UnitsOfWork, kind: Aggregates, key: str, only: str) -> tuple[int, int, str]:
    """A batch that meets a lock gives way, and is done again from its beginning."""
    for left in reversed(range(TRIES)):
        try:
            return _record_some(units, kind, key, only)
        except DBAPIError as error:
            if not left or getattr(error.orig, "sqlstate", None) not in {LOCKED, DEADLOCK}:
                raise
            time.sleep(PAUSE_SECONDS)
    raise AssertionError("unreachable")


def _record_some(units: UnitsOfWork, kind: Aggregates, key: str, only: str) -> tuple[int, int, str]:
    with units() as uow:
        uow.session.execute(text(WAIT_FOR_LOCKS))
        found = kind.some(uow, key, BATCH)
        events = [event for _, event in found if event is not None and event.subject.startswith(only)]
        uow.emit(*events)
    return len(found), len(events), found[-1][0] if found else key
