"""Limits per address, block of numbers and installation: in the database, the same for all processes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from sqlalchemy import case, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.unit_of_work import UnitOfWork
from services.identity.model import limits as model
from services.identity.model.limits import Limit
from services.identity.model.rules import Rules
from services.identity.tables.limits import limits
from vocabulary.refusals import Refusal


def count(uow: UnitOfWork, limit: Limit, whose: str, refusal: Callable[[timedelta], Refusal]) -> None:
    """One more; commit it before what it limits. One statement: many at once are not more than `most`.

    Raises `refusal` with the time until it is possible again.
    """
    now, key = uow.now(), _key(uow, limit, whose)
    first = upsert(limits).values(key=key, count=1, ends_at=now + limit.within)
    over = limits.c.ends_at <= now
    more = first.on_conflict_do_update(
        index_elements=[limits.c.key],
        set_={
            "count": case((over, 1), else_=limits.c.count + 1),
            "ends_at": case((over, first.excluded.ends_at), else_=limits.c.ends_at),
        },
        where=or_(over, limits.c.count < limit.most),
    )
    if limit.most < 1 or uow.session.execute(more.returning(limits.c.count)).first() is None:
        raise refusal(_wait(uow, limit, key))


def give_back(uow: UnitOfWork, limit: Limit, whose: str) -> None:
    """It was no failure after all."""
    one_less = update(limits).where(limits.c.key == _key(uow, limit, whose), limits.c.count > 0)
    uow.session.execute(one_less.values(count=limits.c.count - 1))


def count_message(
    uow: UnitOfWork, rules: Rules, purpose: Literal["registration", "login"], phone: str
) -> None:
    """A text message is about to be sent. TooMany, Unavailable.

    The installation's rows are held until the commit: last.
    """
    count(uow, model.block(rules, purpose), phone[: model.BLOCK_DIGITS], model.too_often)
    for budget in model.sms_budget(rules):
        count(uow, budget, "", model.no_more_messages)


def _wait(uow: UnitOfWork, limit: Limit, key: str) -> timedelta:
    ends = uow.session.execute(select(limits.c.ends_at).where(limits.c.key == key)).scalar_one_or_none()
    return max((ends - uow.now()) if ends else limit.within, timedelta(seconds=1))


def _key(uow: UnitOfWork, limit: Limit, whose: str) -> str:
    return f"{limit.name}:{uow.index(f'limit:{limit.name}:{whose}').hex()}" if whose else limit.name
