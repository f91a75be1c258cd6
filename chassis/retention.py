"""Forgets events past their time, but none that is still to be sent or handled."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, Uuid, column, func, select, text
from sqlalchemy import table as sql_table
from sqlalchemy.exc import DBAPIError

from chassis import partitions
from chassis.partitions import Month
from chassis.unit_of_work import UnitsOfWork

log = structlog.get_logger()

INBOX_LONGER = timedelta(days=31)
"""What is sent again out of the oldest of the log must still find its inbox row."""
BATCH = 1000

# What keeps rows of {rows}: the first reason is enough.
_UNSENT = "SELECT count(*) FROM {rows} WHERE sent_at IS NULL{old}"
_UNHANDLED = """
    SELECT s.queue, s.type, s.handled FROM subscriptions s
    WHERE EXISTS (SELECT FROM {rows} o WHERE o.type = s.type AND o.log_position > s.handled{old})
    ORDER BY s.queue, s.type LIMIT 1
"""
# `kept` of the rest: one that is unsent, or that a subscriber lacks.
_REST = {
    "outbox": """
        DELETE FROM outbox_rest WHERE event_id IN (
            SELECT o.event_id FROM outbox_rest o WHERE o.event_id < :before AND o.sent_at IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM subscriptions s WHERE s.type = o.type AND o.log_position > s.handled)
            LIMIT :batch FOR UPDATE SKIP LOCKED)
    """,
    "inbox": """
        DELETE FROM inbox_rest WHERE (event_id, handler) IN (
            SELECT event_id, handler FROM inbox_rest WHERE event_id < :before
            LIMIT :batch FOR UPDATE SKIP LOCKED)
    """,
}


@dataclass(frozen=True)
class Pruned:
    """One step. `kept` says why it was not done."""

    table: str
    what: str
    rows: int
    kept: str | None = None


def daily(units: UnitsOfWork) -> int:
    for step in prune(units.engine, units.clock(), units.settings.event_retention):
        (log.warning if step.kept else log.info)(
            "events pruned", table=step.table, what=step.what, rows=step.rows, kept=step.kept
        )
    return 0


def prune(engine: Engine, now: datetime, older_than: timedelta, dry_run: bool = False) -> Iterator[Pruned]:
    """Whole months first, then what is in no month's partition. Safe to repeat and to break off."""
    for table, cutoff in (("outbox", now - older_than), ("inbox", now - older_than - INBOX_LONGER)):
        with engine.connect() as connection:
            months = list(partitions.past(connection, table, cutoff))
        for month in months:
            yield _month(engine, table, month, dry_run)
        yield from _rest(engine, table, cutoff, dry_run)


def _month(engine: Engine, table: str, month: Month, dry_run: bool) -> Pruned:
    """Counted before the lock, which makes writers wait; whether it may go is looked at under it."""
    name = month.partition_of(table)
    try:
        with engine.connect() as connection:
            rows = connection.scalar(select(func.count()).select_from(sql_table(name))) or 0
            kept = _why_kept(connection, name) if table == "outbox" else None
        if not kept and not dry_run:
            kept = _drop(engine, table, name)
    except DBAPIError as error:
        return Pruned(table, str(month), 0, f"in use just now: {str(error.orig)[:100]}")
    return Pruned(table, str(month), rows, kept)


def _drop(engine: Engine, table: str, name: str) -> str | None:
    """The parent is locked first, as whoever reads it does: the other way round would be a deadlock."""
    with engine.begin() as connection:
        partitions.exclusive(connection, table)
        kept = _why_kept(connection, name) if table == "outbox" else None
        if not kept:
            connection.execute(text(f"DROP TABLE {name}"))
    return kept


def _why_kept(connection: Connection, rows: str, old: str = "", **values: object) -> str | None:
    unsent = connection.scalar(text(_UNSENT.format(rows=rows, old=old)), values)
    if unsent:
        return f"{unsent} not yet sent: is the worker running, and the broker there?"
    lacking = connection.execute(text(_UNHANDLED.format(rows=rows, old=old)), values).one_or_none()
    if lacking:
        return f"{lacking.queue} has handled {lacking.type} only up to position {lacking.handled}"
    return None


def _rest(engine: Engine, table: str, cutoff: datetime, dry_run: bool) -> Iterator[Pruned]:
    values = {"before": partitions.first_id(cutoff)}
    rest = sql_table(f"{table}_rest", column("event_id", Uuid))
    old = select(func.count()).select_from(rest).where(rest.c.event_id < values["before"])
    with engine.connect() as connection:
        found = connection.scalar(old) or 0
    if not found:
        return
    if not dry_run:
        _delete_rest(engine, table, values)
    with engine.connect() as connection:
        left = connection.scalar(old) or 0
        why = _why_kept(connection, "outbox_rest", " AND event_id < :before", **values) if left else None
    yield Pruned(table, f"before {cutoff:%Y-%m-%d}", found if dry_run else found - left, why)


def _delete_rest(engine: Engine, table: str, values: dict[str, UUID]) -> None:
    """In small transactions: nobody waits for long, and what is done stays done."""
    while True:
        with engine.begin() as connection:
            if connection.execute(text(_REST[table]), {**values, "batch": BATCH}).rowcount < BATCH:
                return
