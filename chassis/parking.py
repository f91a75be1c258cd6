"""Events whose reaction failed, put aside in the database and tried again with back-off and jitter.

Later events of the same aggregate wait behind; others go on. The schedule lives here, not in broker
queues: far-ahead retries in a broker are what makes brokers fall over.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import (
    ARRAY,
    Exists,
    Row,
    String,
    any_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chassis.tables import parking
from chassis.unit_of_work import UnitsOfWork
from contracts.event import Message


class NotYet(Exception):
    """Something this event needs from another source has not arrived; try again soon."""


class EndedItsProcess(Exception):
    """Nobody who took it lived to acknowledge it. Others may be to blame: it is tried alone, much later."""


SOON_FIRST, SOON_MOST = timedelta(milliseconds=200), timedelta(seconds=30)
FIRST, MOST = timedelta(seconds=1), timedelta(hours=1)
LAST_TRY = 20
MUCH_LATER = (timedelta(minutes=10), timedelta(hours=1))
"""After it ended its process. Then an operator decides."""
WAITING_LEAST, WAITING_MOST = timedelta(minutes=1), timedelta(hours=1)
ERROR_LENGTH = 2000
ABOUT_VALUES = "22"

_subjects = bindparam("subjects", type_=ARRAY(String))
_blocked = select(parking.c.handler, parking.c.subject).where(parking.c.subject == any_(_subjects)).distinct()


def delay(error: Exception, attempts: int) -> timedelta | None:
    """How long after the `attempts`-th failure to try again; None: never, an operator decides."""
    if isinstance(error, EndedItsProcess):
        return MUCH_LATER[attempts - 1] if attempts <= len(MUCH_LATER) else None
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


def _is_behind_another() -> Exists:
    earlier = parking.alias()
    return exists().where(
        earlier.c.subject == parking.c.subject,
        earlier.c.handler == parking.c.handler,
        tuple_(earlier.c.sequence, earlier.c.event_id) < tuple_(parking.c.sequence, parking.c.event_id),
    )


def claim(
    session: Session, handled: Sequence[tuple[str, str]], now: datetime
) -> Row[tuple[object, ...]] | None:
    """One parked event whose time has come and that waits behind no other, locked.

    `handled` are the (type, handler) pairs there are: what nobody handles any more stays parked.
    """
    of_those = tuple_(parking.c.type, parking.c.handler).in_(handled)
    due = (
        select(parking)
        .where(parking.c.next_try_at <= now, of_those, ~_is_behind_another())
        .order_by(parking.c.next_try_at)
    )
    return session.execute(due.limit(1).with_for_update(skip_locked=True, of=parking)).one_or_none()


def begin(session: Session, row: Row[Any], now: datetime) -> None:
    """Committed before it is tried: what ends its process is not tried again at once, and so for ever.

    The first time it counts as any failure: a worker that was killed from outside is the usual reason.
    From then on `attempts` are its deaths.
    """
    ended = EndedItsProcess("while it was tried alone")
    again = str(row.error).startswith(EndedItsProcess.__name__)
    attempts = row.attempts + 1 if again else 1
    wait = delay(ended, attempts) if again else delay(Exception(), row.attempts + 1)
    mine = update(parking).where(parking.c.event_id == row.event_id, parking.c.handler == row.handler)
    noted = {"attempts": attempts, "error": describe(ended), "next_try_at": now + wait if wait else None}
    session.execute(mine.values(noted))


def hold(session: Session, event_id: UUID, handler: str) -> Row[tuple[object, ...]] | None:
    """What is parked under this key, locked. None: somebody took it out, or it is done."""
    row = select(parking).where(parking.c.event_id == event_id, parking.c.handler == handler)
    return session.execute(row.with_for_update()).one_or_none()


def let_wait(units: UnitsOfWork) -> int:
    """A timer: those whose time has come but that wait behind another are not looked at again at once.

    Their time is only the last resort, `settle` wakes them: the longer they wait, the later it is.
    """
    key = (parking.c.event_id, parking.c.handler)
    with units() as uow:
        now = literal(uow.now())
        waiting = select(*key).where(parking.c.next_try_at <= now, _is_behind_another())
        # Workers of one service do this side by side.
        mine = waiting.with_for_update(skip_locked=True, of=parking).cte()
        pause = func.greatest(func.least(now - parking.c.parked_at, WAITING_MOST), WAITING_LEAST)
        later = update(parking).where(tuple_(*key).in_(select(mine)))
        uow.session.execute(later.values(next_try_at=now + pause))
    return 0


def settle(session: Session, row: Row[Any], now: datetime) -> None:
    """It is done, and the next of its lane is due, unless that was given up."""
    c = parking.c
    session.execute(delete(parking).where(c.event_id == row.event_id, c.handler == row.handler))
    lane = (c.subject == row.subject, c.handler == row.handler)
    first = select(c.event_id).where(*lane).order_by(c.sequence, c.event_id).limit(1).scalar_subquery()
    due = update(parking).where(*lane, c.event_id == first, c.next_try_at.is_not(None))
    session.execute(due.values(next_try_at=now))


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
