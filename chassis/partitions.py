"""Outbox and inbox by month: partitions are made ahead, and months past their time are dropped whole."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from chassis.backup import hold
from chassis.unit_of_work import UnitsOfWork

log = structlog.get_logger()

TABLES = ("outbox", "inbox")
AHEAD = 2
_NAME = re.compile(r"(?:outbox|inbox)_(\d{4})_(\d{2})")


@dataclass(frozen=True, order=True)
class Month:
    year: int
    month: int

    @classmethod
    def of(cls, at: datetime) -> "Month":
        return cls(at.astimezone(UTC).year, at.astimezone(UTC).month)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    def partition_of(self, table: str) -> str:
        return f"{table}_{self.year}_{self.month:02}"

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


def first_id(at: datetime) -> UUID:
    """No UUIDv7 made at that millisecond or later is below it."""
    return UUID(int=round(at.timestamp() * 1000) << 80)


def made(connection: Connection, table: str) -> list[Month]:
    """The months that have a partition of their own, oldest first."""
    children = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:t AS regclass)")
    names = connection.execute(children, {"t": table}).scalars()
    return sorted(Month(int(m[1]), int(m[2])) for m in map(_NAME.fullmatch, names) if m)


def make_ahead(units: UnitsOfWork) -> int:
    """For this month and the next two. What this month has meanwhile put into the rest moves with it.

    The future first: should this month's rows be too many to move, the next month has none.
    """
    now = Month.of(units.clock())
    for month in (now.next.next, now.next, now):
        for table in TABLES:
            try:
                with units.engine.begin() as connection:
                    _make(connection, table, month)
            except DBAPIError as error:
                log.warning("no partition yet", table=table, month=str(month), error=str(error.orig)[:200])
    return 0


def _make(connection: Connection, table: str, month: Month) -> None:
    if month in made(connection, table):
        return
    exclusive(connection, table)
    if month in made(connection, table):
        return
    name, ids = month.partition_of(table), {"low": first_id(month.start), "high": first_id(month.next.start)}
    connection.execute(text(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS)"))
    # The names are ours: no parameter can stand for a table.
    taken = f"DELETE FROM {table}_rest WHERE event_id >= :low AND event_id < :high RETURNING *"  # noqa: S608
    connection.execute(text(f"WITH moved AS ({taken}) INSERT INTO {name} SELECT * FROM moved"), ids)  # noqa: S608
    bounds = f"FROM ('{ids['low']}') TO ('{ids['high']}')"
    connection.execute(text(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES {bounds}"))
    log.info("partition made", table=table, month=str(month))


def exclusive(connection: Connection, table: str) -> None:
    """All of it, from the top: a writer that waited at a partition would find its row refused there.

    Writers wait, so it gives up soon and is tried again another time. While a backup reads the table
    none is made to wait: it gives up without having asked for it.
    """
    connection.execute(text("SET LOCAL lock_timeout = '3s'"))
    connection.execute(text("SET LOCAL statement_timeout = '15s'"))
    hold.wait_until_free(connection)
    connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))


def past(connection: Connection, table: str, cutoff: datetime) -> Iterator[Month]:
    """Months that ended before the cutoff."""
    return (month for month in made(connection, table) if month.next.start <= cutoff)
