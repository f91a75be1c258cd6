"""The epoch of a database's log: another one once the database was restored or failed over.

A cursor into the log is worth nothing after that: positions after the restored moment are given again.
PostgreSQL tells the difference itself: its system identifier is another after a restore into a new
cluster, its timeline after a recovery or a failover, the database's oid after a dump was read in. Files put
back under the same server look the same to it: then `motcua events new-epoch` says it.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.orm import Session

from chassis.tables import epochs, event_sequences, inbox
from chassis.unit_of_work import UnitOfWork

BEGINNING = 7_201_003
SLACK = timedelta(hours=1)
"""Ids are made before their transactions commit, on clocks that differ a little."""
SKIPPED = 1000

_fingerprint = text(
    "SELECT s.system_identifier || '-' || c.timeline_id || '-' || d.oid"
    " FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d"
    " WHERE d.datname = current_database()"
)


def current(session: Session) -> str:
    """Eight hex digits. A new one is begun here when the database is another than before."""
    newest = _newest(session)
    if newest is None or newest.fingerprint != _look(session):
        session.execute(select(func.pg_advisory_xact_lock(BEGINNING)))
        newest = _newest(session)
        if newest is None or newest.fingerprint != _look(session):
            return begin(session)
    return str(newest.epoch)


def begin(session: Session) -> str:
    """A new epoch. The first of all has nothing to resume from."""
    epoch, first = secrets.token_hex(4), _newest(session) is None
    row = {"epoch": epoch, "fingerprint": _look(session), "since": func.clock_timestamp(), "resumed": first}
    session.execute(insert(epochs).values(row))
    return epoch


def to_resume(uow: UnitOfWork) -> tuple[str, datetime] | None:
    """An epoch whose loss was not told to the sources yet, and after when something may be lost."""
    current(uow.session)
    newest = _newest(uow.session)
    if newest is None or newest.resumed:
        return None
    return newest.epoch, _last_handled(uow.session) - SLACK


def mark_resumed(uow: UnitOfWork, epoch: str) -> None:
    """Sequences skip what the lost time may have used, so that they still rise."""
    uow.session.execute(update(epochs).where(epochs.c.epoch == epoch).values(resumed=True))
    uow.session.execute(update(event_sequences).values(last=event_sequences.c.last + SKIPPED))


def _last_handled(session: Session) -> datetime:
    found: datetime | None = session.execute(select(func.max(inbox.c.handled_at))).scalar_one()
    return found or datetime.fromtimestamp(0, UTC) + SLACK


def _newest(session: Session) -> Row[Any] | None:
    return session.execute(select(epochs).order_by(epochs.c.since.desc()).limit(1)).one_or_none()


def _look(session: Session) -> str:
    return str(session.execute(_fingerprint).scalar_one())
