"""Pauses that grow with each failure, for one login, device or ID number."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.unit_of_work import UnitOfWork
from services.identity.model.login import Backoff
from services.identity.model.rules import Rules
from services.identity.tables import backoffs


def count(uow: UnitOfWork, rules: Rules, key: bytes, free: int | None = None) -> None:
    """Commit it before it is looked at whether the attempt is right. TooMany while paused.

    The pauses begin after `free` of them, LOGIN_FREE_FAILURES if nothing is said.
    """
    now: datetime = uow.now()
    fresh = {"key": key, "failures": 0, "blocked_until": now, "forget_at": now}
    row = upsert(backoffs).values(fresh)
    # An update that changes nothing: the row is there and locked, though another clears it just now.
    uow.session.execute(row.on_conflict_do_update(index_elements=[backoffs.c.key], set_={"key": key}))
    uow.session.get_one(Backoff, key, populate_existing=True).count(
        now, rules, rules.login_free_failures if free is None else free
    )


def clear(uow: UnitOfWork, key: bytes) -> None:
    uow.session.execute(delete(backoffs).where(backoffs.c.key == key))
