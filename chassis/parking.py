"""Events whose reaction failed, put aside in the database and tried again with back-off and jitter.

Later events of the same aggregate wait behind; others go on. The schedule lives here, not in broker
queues: far-ahead retries in a broker are what makes brokers fall over.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from sqlalchemy import ARRAY, Row, String, any_, bindparam, delete, exists, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chassis.tables import parking
from contracts.event import Message


class NotYet(Exception):
    """Something this event needs from another source has not arrived; try again soon."""


class EndedItsProcess(Exception):
    """Nobody who took it lived to acknowledge it. An operator decides."""


SOON_FIRST, SOON_MOST = timedelta(milliseconds=200), timedelta(seconds=30)
FIRST, MOST = timedelta(seconds=1), timedelta(hours=1)
LAST_TRY = 20
ERROR_LENGTH = 2000
ABOUT_VALUES = "22"

_subjects = bindparam("subjects", type_=ARRAY(String))
_blocked = select(parking.c.handler, parking.c.subject).where(parking.c.subject == any_(_subjects)).distinct()


def delay(error: Exception, attempts: int) -> timedelta | None:
    """How long after the `attempts`-th failure to try again; None: never, an operator decides."""
    if isinstance(error, EndedItsProcess):
        return None
    if isinstance(error, NotYet):
        first, most, factor = SOON_FIRST, SOON_MOST, 1.5
    else:
        first, most, factor = FIRST, MOST, 2.0
        if attempts >= LAST_TRY:
            return None
    wait = min(most, first * factor ** min(attempts - 1, 40))
    return wait * random.uniform(0.8, 1.2)


def blocked(session: Session, subjects: Sequence[str]) -> set[tuple[str, str]]:
    """(handler, subject) pairs that have something parked: what comes later must wait behind."""
    return {(row.handler, row.subject) for row in session.execute(_blocked, {"subjects": list(subjects)})}


def park(
    session: Session, message: Message, body: str, handler: str, error: Exception | None, now: datetime
) -> None:
    """With an error: the first failure. Without: only waiting behind an earlier one."""
    wait = delay(error, 1) if error else timedelta()
    row = {
        "event_id": message.id,
        "handler": handler,
        "subject": message.subject,
        "sequence": message.sequence,
        "type": message.type,
        "body": body,
        "sender": message.user,
        "error": describe(error) if error else None,
        "attempts": 1 if error else 0,
        "parked_at": now,
        "next_try_at": now + wait if wait is not None else None,
    }
    session.execute(insert(parking).values(row).on_conflict_do_nothing())


def claim(
    session: Session, handled: Sequence[tuple[str, str]], now: datetime
) -> Row[tuple[object, ...]] | None:
    """One parked event whose time has come and that waits behind no other, locked.

    `handled` are the (type, handler) pairs there are: what nobody handles any more stays parked.
    """
    earlier = parking.alias()
    waits = exists().where(
        earlier.c.subject == parking.c.subject,
        earlier.c.handler == parking.c.handler,
        tuple_(earlier.c.sequence, earlier.c.event_id) < tuple_(parking.c.sequence, parking.c.event_id),
    )
    due = (
        select(parking)
        .where(parking.c.next_try_at <= now, tuple_(parking.c.type, parking.c.handler).in_(handled), ~waits)
        .order_by(parking.c.next_try_at)
    )
    return session.execute(due.limit(1).with_for_update(skip_locked=True, of=parking)).one_or_none()


def hold(session: Session, event_id: UUID, handler: str) -> Row[tuple[object, ...]]:
    """What was just parked."""
    row = select(parking).where(parking.c.event_id == event_id, parking.c.handler == handler)
    return session.execute(row).one()


def settle(session: Session, event_id: UUID, handler: str) -> None:
    session.execute(delete(parking).where(parking.c.event_id == event_id, parking.c.handler == handler))


def fail_again(session: Session, row: Row[tuple[object, ...]], error: Exception, now: datetime) -> None:
    wait = delay(error, row.attempts + 1)
    session.execute(
        update(parking)
        .where(parking.c.event_id == row.event_id, parking.c.handler == row.handler)
        .values(
            attempts=row.attempts + 1,
            error=describe(error),
            next_try_at=now + wait if wait is not None else None,
        )
    )


def describe(error: Exception) -> str:
    """Without what was written: PostgreSQL quotes values in its details, and in errors about values."""
    if isinstance(error, DBAPIError) and isinstance(error.orig, psycopg.Error):
        told = error.orig.diag
        about = "" if str(told.sqlstate).startswith(ABOUT_VALUES) else told.message_primary
        return f"{type(error).__name__}: {told.sqlstate} {about or ''}"[:ERROR_LENGTH].strip()
    return f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
