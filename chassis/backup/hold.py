"""While a backup or a restore is under way in a database, nothing of it is removed: no file, no table."""

import time

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

HOLD = 7_201_004
PATIENCE_SECONDS = 10.0
"""For those who share it in a transaction of theirs. Another backup lasts longer."""


def take(connection: Connection) -> bool:
    """For the time of this session. False: another backup or restore has it."""
    until = time.monotonic() + PATIENCE_SECONDS
    free = select(func.pg_try_advisory_lock(HOLD))
    while not (taken := bool(connection.execute(free).scalar_one())) and time.monotonic() < until:
        time.sleep(0.1)
    return taken


def is_taken(session: Session) -> bool:
    """Asked by who wants to remove files, in the transaction in which it looks which of them no row names.

    False: a backup that begins later begins after this transaction, when no row names them either.
    """
    free = select(func.pg_try_advisory_xact_lock_shared(HOLD))
    return not session.execute(free).scalar_one()


def wait_until_free(connection: Connection) -> None:
    """Until this transaction ends no backup begins. Waits as long as `lock_timeout` says.

    For who wants a table for itself alone: waiting for the table, it would hold up all others behind it.
    """
    connection.execute(select(func.pg_advisory_xact_lock_shared(HOLD)))
