"""Making parked events due at once, and learning what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, select, tuple_, update

from chassis.parking import EndedItsProcess
from chassis.tables import inbox, parking

Key = tuple[UUID, str]
Outcome = Literal["handled", "failed", "waiting", "gone"]


def make_due(
    connection: Connection, now: datetime, event_id: UUID | None = None, handler: str | None = None
) -> dict[Key, int]:
    """The attempts so far of all that were made due. One that was given up has one more try."""
    due = update(parking).values(next_try_at=now)
    if event_id:
        due = due.where(parking.c.event_id == event_id)
    if handler:
        due = due.where(parking.c.handler == handler)
    rows = connection.execute(due.returning(parking.c.event_id, parking.c.handler, parking.c.attempts))
    return {(row.event_id, row.handler): row.attempts for row in rows}


def outcomes(connection: Connection, before: dict[Key, int]) -> dict[Key, Outcome]:
    """`waiting`: it was not tried to its end yet, or waits behind an earlier one. `gone`: somebody else took
    it out of parking, and it was not handled.
    """
    keys = list(before)
    parked, done = _parked(connection, keys), _handled(connection, keys)
    return {key: _outcome(before[key], parked.get(key), key in done) for key in keys}


def _outcome(before: int, parked: Any, done: bool) -> Outcome:
    if parked is None:
        return "handled" if done else "gone"
    under_way = str(parked.error).startswith(EndedItsProcess.__name__)
    return "failed" if parked.attempts > before and not under_way else "waiting"


def _parked(connection: Connection, keys: Sequence[Key]) -> dict[Key, Any]:
    rows = select(parking.c.event_id, parking.c.handler, parking.c.attempts, parking.c.error)
    found = connection.execute(rows.where(tuple_(parking.c.event_id, parking.c.handler).in_(keys)))
    return {(row.event_id, row.handler): row for row in found}


def _handled(connection: Connection, keys: Sequence[Key]) -> set[Key]:
    rows = select(inbox.c.event_id, inbox.c.handler)
    found = connection.execute(rows.where(tuple_(inbox.c.event_id, inbox.c.handler).in_(keys)))
    return {(row.event_id, row.handler) for row in found}
