"""Making parked events due at once, and learning what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, select, tuple_, update

from chassis.tables import parking

Key = tuple[UUID, str]
Outcome = Literal["handled", "failed", "waiting"]


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
    """`waiting`: it was not tried yet, or waits behind an earlier one."""
    now = _attempts(connection, list(before))
    return {key: _outcome(attempts, now.get(key)) for key, attempts in before.items()}


def _outcome(before: int, now: int | None) -> Outcome:
    if now is None:
        return "handled"
    return "failed" if now > before else "waiting"


def _attempts(connection: Connection, keys: Sequence[Key]) -> dict[Key, int]:
    rows = select(parking.c.event_id, parking.c.handler, parking.c.attempts)
    found = connection.execute(rows.where(tuple_(parking.c.event_id, parking.c.handler).in_(keys)))
    return {(row.event_id, row.handler): row.attempts for row in found}
