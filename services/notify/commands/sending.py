"""The life of a delivery between its writing and the gateway's yes: leased, sent, marked."""

import json
from random import random
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, update

from chassis import personal
from chassis.db import new_id
from chassis.unit_of_work import UnitOfWork
from services.notify.model.delivery import Lane, Outgoing, pause_after
from services.notify.tables import deliveries

_waiting = deliveries.c.state == "waiting"


def claim(uow: UnitOfWork, lane: Lane) -> list[Outgoing]:
    """Lease the oldest due deliveries. Nobody else takes them before the lease ends, or ever once marked."""
    ids = uow.session.scalars(_due(uow, lane)).all()
    lease = new_id()
    taken = update(deliveries).where(deliveries.c.id.in_(ids))
    rows = uow.session.execute(
        taken.values(lease=lease, next_try_at=uow.now() + lane.lease).returning(deliveries)
    )
    opened = [_open(uow, row) for row in sorted(rows, key=lambda row: row.id)]
    return [outgoing for outgoing in opened if outgoing]


def mark_sent(uow: UnitOfWork, outgoing: Outgoing) -> None:
    """Whoever holds the lease now: the gateway has it, so it was sent."""
    _settle(uow, outgoing.reference, "sent", None)


def fail(uow: UnitOfWork, outgoing: Outgoing, why: str) -> None:
    _settle(uow, outgoing.reference, "failed", why)


def put_off(uow: UnitOfWork, outgoing: Outgoing, why: str) -> None:
    attempts = outgoing.attempts + 1
    later = uow.now() + pause_after(attempts, random())
    values = {"attempts": attempts, "next_try_at": later, "lease": None, "last_error": why}
    uow.session.execute(update(deliveries).where(_held(outgoing)).values(values))


def give_back(uow: UnitOfWork, untried: list[Outgoing]) -> None:
    """They were leased but not tried: anyone may take them at once."""
    for outgoing in untried:
        freed = update(deliveries).where(_held(outgoing))
        uow.session.execute(freed.values(lease=None, next_try_at=uow.now()))


def expire(uow: UnitOfWork) -> int:
    """A code that came too late is never sent, and not kept. Returns how many."""
    late = update(deliveries).where(_waiting, deliveries.c.expires_at <= uow.now())
    blanked = late.values(state="expired", content=None, lease=None, settled_at=uow.now())
    codes = uow.session.scalars(blanked.returning(deliveries.c.id)).all()
    for code in codes:
        personal.erase(uow.session, code)
    return len(codes)


def _due(uow: UnitOfWork, lane: Lane) -> Select[UUID]:
    return (
        select(deliveries.c.id)
        .where(
            _waiting,
            deliveries.c.channel == lane.channel,
            deliveries.c.priority == (0 if lane.urgent else 1),
            deliveries.c.next_try_at <= uow.now(),
            or_(deliveries.c.expires_at.is_(None), deliveries.c.expires_at > uow.now()),
        )
        .order_by(deliveries.c.id)
        .limit(lane.batch)
        .with_for_update(skip_locked=True)
    )


def _open(uow: UnitOfWork, row: Row[Any]) -> Outgoing | None:
    """None, and failed, once the person's data were erased."""
    try:
        content = json.loads(uow.reveal(row.owner, row.content))
    except LookupError:
        _settle(uow, row.id, "failed", "the person's data were erased")
        return None
    return Outgoing(
        reference=row.id,
        lease=row.lease,
        expires_at=row.expires_at,
        attempts=row.attempts,
        **content,
    )


def _settle(uow: UnitOfWork, reference: UUID, state: str, why: str | None) -> None:
    """Blanked; and the data key of a code, which is its own owner, is destroyed."""
    settled = {"state": state, "content": None, "lease": None, "last_error": why, "settled_at": uow.now()}
    uow.session.execute(update(deliveries).where(deliveries.c.id == reference).values(settled))
    personal.erase(uow.session, reference)


def _held(outgoing: Outgoing) -> ColumnElement[bool]:
    """Still ours: the lease has not passed to another sender."""
    return and_(deliveries.c.id == outgoing.reference, deliveries.c.lease == outgoing.lease, _waiting)
