"""One point in time in several databases: what one of them has heard, the one that said it has announced.

Whatever services tell each other passes through four tables. With these held in every database no
transaction that announces, hears or puts aside can commit anywhere; every snapshot that is taken meanwhile is
of the same moment. Held for milliseconds: who wants to write waits, and none is refused.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from chassis.backup import hold, mark
from chassis.backup.places import Place
from chassis.exits import AWAY, REFUSED, stop
from chassis.migrate import LOCK as MIGRATION

# In the order in which a reaction comes to them.
SAID_AND_HEARD = "inbox, outbox, parking, subscriptions"
# Of all locks together. Shorter than PostgreSQL's deadlock_timeout: should we and a command wait for each
# other, we give way.
PATIENCE_SECONDS = 0.5
TRIES, PAUSE_SECONDS = 100, 0.2
LOCKED, DEADLOCK = "55P03", "40P01"

_tables = text(
    "SELECT string_agg(format('%I.%I', nspname, relname), ', ' ORDER BY relname) FROM pg_class"
    " JOIN pg_namespace n ON n.oid = relnamespace"
    " WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition"
)


@dataclass(frozen=True)
class Snapshot:
    """`id` is for `pg_dump --snapshot`; `connection` reads what it shows, and keeps it alive."""

    id: str
    connection: Connection


@dataclass(frozen=True)
class Point:
    """`held`: seconds for which writers waited. `tries`: the last had all the locks."""

    at: datetime
    held: float
    tries: int
    snapshots: Mapping[str, Snapshot]


@contextmanager
def taken(places: Sequence[Place]) -> Iterator[Point]:
    """Until its end no table goes, no migration runs, and nothing that rows name is removed."""
    with ExitStack() as stack:
        writers = {place.service: stack.enter_context(place.connect()) for place in places}
        for service, writer in writers.items():
            _reserve(service, writer)
        readers = {
            place.service: stack.enter_context(
                place.connect(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            )
            for place in places
        }
        for service, reader in readers.items():
            _keep_tables(service, writers[service], reader)
        yield _take(writers, readers)


def _reserve(service: str, writer: Connection) -> None:
    with writer.begin():
        if not hold.take(writer):
            raise stop(f"Another backup or restore of {service} is under way.", REFUSED)
        if mark.of(writer):
            raise stop(f"The database of {service} is being put back: finish that first.", REFUSED)
        shared = select(func.pg_try_advisory_lock_shared(MIGRATION))
        if not writer.execute(shared).scalar_one():
            raise stop(f"The database of {service} is being migrated. Run this again.", AWAY)


def _keep_tables(service: str, writer: Connection, reader: Connection) -> None:
    """Partitions that are past their time would else be dropped before they are dumped. This is not yet
    the moment of the reader's snapshot: a lock needs none."""
    with writer.begin():
        names = writer.execute(_tables).scalar_one()
    if not names:
        raise stop(f"The database of {service} holds nothing yet: motcua migrate {service}", REFUSED)
    reader.execute(text("SET LOCAL lock_timeout = '10s'"))
    reader.execute(text(f"LOCK TABLE {names} IN ACCESS SHARE MODE"))


def _take(writers: Mapping[str, Connection], readers: Mapping[str, Connection]) -> Point:
    for tries in range(1, TRIES + 1):
        began = time.monotonic()
        try:
            with ExitStack() as locks:
                for writer in writers.values():
                    locks.enter_context(writer.begin())
                    _hold_off_writers(writer, began + PATIENCE_SECONDS)
                at = datetime.now(UTC)
                snapshots = {service: _snapshot(reader) for service, reader in readers.items()}
            return Point(at, time.monotonic() - began, tries, snapshots)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in {LOCKED, DEADLOCK}:
                raise
        time.sleep(PAUSE_SECONDS)
    raise stop("Some transaction lasts longer than a backup may make others wait. Run this again.", AWAY)


def _hold_off_writers(writer: Connection, until: float) -> None:
    left = max(1, round((until - time.monotonic()) * 1000))
    writer.execute(text(f"SET LOCAL lock_timeout = '{left}ms'"))
    writer.execute(text(f"LOCK TABLE {SAID_AND_HEARD} IN SHARE MODE"))


def _snapshot(reader: Connection) -> Snapshot:
    return Snapshot(str(reader.execute(select(func.pg_export_snapshot())).scalar_one()), reader)
