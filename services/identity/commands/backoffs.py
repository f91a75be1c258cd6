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
    uow.session.execute(upsert(backoffs).values(fresh).on_conflict_do_nothing())
    # Locked until the transaction ends.
    uow.session.get_one(Backoff, key, with_for_update=True).count(
        now, rules, rules.login_free_failures if free is None else free
    )


def clear(uow: UnitOfWork, key: bytes) -> None:
    uow.session.execute(delete(backoffs).where(backoffs.c.key == key))
