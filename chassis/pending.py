"""Statements whose answer nobody waits for, kept until something is read and then sent together.

A round trip for each is most of what a reaction that only writes rows costs. The order stays: whatever
else goes to the database through the session, goes after them.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import UpdateBase, event
from sqlalchemy.orm import Session, SessionTransaction

PENDING = "pending"
FETCHED = "data keys"
"""Read by `personal` for a whole batch."""


class UnitSession(Session):
    """The session of a unit of work."""

    def begin_nested(self) -> SessionTransaction:
        send(self)
        return super().begin_nested()


def keep(session: Session, statement: UpdateBase, row: Mapping[str, Any]) -> None:
    """Runs of one statement are one list of rows."""
    session.flush()
    runs = session.info.setdefault(PENDING, [])
    if runs and runs[-1][0] is statement:
        runs[-1][1].append(row)
    else:
        runs.append((statement, [row]))


def send(session: Session) -> None:
    for statement, rows in session.info.pop(PENDING, ()):
        session.connection().execute(statement, rows)


@event.listens_for(UnitSession, "do_orm_execute")
def _before_it(state: Any) -> None:
    send(state.session)


@event.listens_for(UnitSession, "before_flush")
def _before_objects(session: Session, *_: object) -> None:
    send(session)


@event.listens_for(UnitSession, "before_commit")
def _before_commit(session: Session) -> None:
    """Of a savepoint, too: what fails, fails inside."""
    send(session)


@event.listens_for(UnitSession, "after_soft_rollback")
def _forget(session: Session, _before: object) -> None:
    """What waits to be written, and what was read: it may be of what is undone. That there is something
    for the relay stays true: what was announced before a savepoint is not undone with it.
    """
    session.info.pop(PENDING, None)
    session.info.pop(FETCHED, None)
