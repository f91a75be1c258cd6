"""What each queue hears of a service, and how far it is: kept by the source, in its own database.

A subscription is live (its queue is bound and gets events as they are published) or is filled from the
log. New ones, and those whose queue or binding was lost, are filled from the last position handled.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from chassis.bus.report import Report
from chassis.tables import outbox, subscriptions

Wanted = Mapping[str, Sequence[str]]
"""The types of one source that each queue hears."""


@dataclass(frozen=True)
class State:
    """`filling` by queue; `live` are types that some queue gets as they are published."""

    filling: Mapping[str, Sequence[str]]
    live: frozenset[str]
    known: frozenset[str]


def state(connection: Connection) -> State:
    rows = connection.execute(select(subscriptions)).all()
    filling: dict[str, list[str]] = {}
    for row in rows:
        if row.filled is not None:
            filling.setdefault(row.queue, []).append(row.type)
    live = frozenset(row.type for row in rows if row.filled is None)
    return State(filling, live, frozenset(row.type for row in rows))


def review(connection: Connection, wanted: Wanted) -> None:
    """Make the rows those that are wanted. A service whose queues changed goes on where it was."""
    rows = {(row.queue, row.type): row for row in connection.execute(select(subscriptions))}
    pairs = {(queue, type) for queue, types in wanted.items() for type in types}
    before = _handled_before([row for pair, row in rows.items() if pair not in pairs])
    new = [
        {"queue": queue, "type": type, "handled": start, "filled": start}
        for queue, type in sorted(pairs - rows.keys())
        for start in [before.get((_owner(queue), type), 0)]
    ]
    if new:
        connection.execute(insert(subscriptions), new)
    for queue, type in rows.keys() - pairs:
        gone = (subscriptions.c.queue == queue, subscriptions.c.type == type)
        connection.execute(delete(subscriptions).where(*gone))


def _handled_before(rows: Sequence[Row[Any]]) -> dict[tuple[str, str], int]:
    """By service and type, how far those of its queues were that are no more."""
    least: dict[tuple[str, str], int] = {}
    for row in rows:
        key = _owner(row.queue), row.type
        least[key] = min(row.handled, least.get(key, row.handled))
    return least


def _owner(queue: str) -> str:
    return queue.partition(".")[0]


def window(connection: Connection, queue: str, size: int) -> Sequence[Any]:
    """The next events of the log that the queue lacks. What was blanked once sent is never sent again."""
    least = select(func.min(subscriptions.c.filled)).where(_of(queue)).scalar_subquery()
    lacking = (
        select(outbox.c.event_id, outbox.c.type, outbox.c.subject, outbox.c.body, outbox.c.log_position)
        .join(subscriptions, subscriptions.c.type == outbox.c.type)
        .where(
            subscriptions.c.queue == queue,
            outbox.c.log_position > subscriptions.c.filled,
            outbox.c.log_position > least,
            outbox.c.body_once_sent.is_(None),
        )
    )
    return connection.execute(lacking.order_by(outbox.c.log_position).limit(size)).all()


def advance(connection: Connection, queue: str, position: int) -> None:
    filled = subscriptions.c.filled
    further = update(subscriptions).where(_of(queue), filled < position)
    connection.execute(further.values(filled=position))


def go_live(connection: Connection, queue: str, types: Sequence[str]) -> None:
    live = update(subscriptions).where(_of(queue), subscriptions.c.type.in_(types))
    connection.execute(live.values(filled=None))


def lose(connection: Connection | Session, types: Collection[str], queue: str | None = None) -> None:
    """Their bindings are gone, everywhere or from one queue: fill from the last position handled."""
    lost = update(subscriptions).where(subscriptions.c.type.in_(types), subscriptions.c.filled.is_(None))
    if queue is not None:
        lost = lost.where(_of(queue))
    connection.execute(lost.values(filled=subscriptions.c.handled))


def start_over(connection: Connection | Session, queue: str) -> None:
    """The queue itself is a new one: what it was filled with is gone, too."""
    anew = update(subscriptions).where(_of(queue))
    connection.execute(anew.values(filled=subscriptions.c.handled))


def note(session: Session, report: Report) -> None:
    """A subscriber's word. Repeated, late or out of order it makes at most more to be sent again."""
    for type, event in report.handled.items():
        _move_on(session, report.queue, type, event)
    if report.missing:
        lose(session, report.missing, report.queue)
    if report.emptied:
        start_over(session, report.queue)
    if report.lost_after:
        _go_back(session, report.queue, report.lost_after)


def _move_on(session: Session, queue: str, type: str, event: UUID) -> None:
    further = update(subscriptions).where(
        _of(queue),
        subscriptions.c.type == type,
        outbox.c.event_id == event,
        outbox.c.type == type,
        outbox.c.log_position > subscriptions.c.handled,
    )
    session.execute(further.values(handled=outbox.c.log_position))


def _go_back(session: Session, queue: str, moment: datetime) -> None:
    """To before the first event recorded since. Ids rise with time, and are the log's index by time."""
    since = select(func.min(outbox.c.log_position)).where(outbox.c.event_id >= first_id_of(moment))
    position = session.execute(since).scalar_one()
    if position is not None:
        earlier = func.least(subscriptions.c.handled, position - 1)
        session.execute(update(subscriptions).where(_of(queue)).values(handled=earlier, filled=earlier))


def first_id_of(moment: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond (RFC 9562, 5.7)."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0x8 << 60)


def _of(queue: str) -> Any:
    return subscriptions.c.queue == queue
