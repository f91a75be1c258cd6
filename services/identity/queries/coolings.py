from uuid import UUID

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.cooling import Cooling, Purpose
from services.identity.tables import coolings

_waiting = select(Cooling).where(coolings.c.state == "waiting")


def coolings_of(uow: UnitOfWork, account: UUID) -> list[Cooling]:
    """Those that wait, oldest first."""
    mine = _waiting.where(coolings.c.account == account).order_by(coolings.c.started_at)
    return list(uow.session.scalars(mine))


def cooling_of(uow: UnitOfWork, account: UUID, purpose: Purpose) -> Cooling | None:
    """Locked."""
    mine = _waiting.where(coolings.c.account == account, coolings.c.purpose == purpose)
    return uow.session.scalar(mine.with_for_update().execution_options(populate_existing=True))


def cooling_to_stop(uow: UnitOfWork, digest: bytes) -> Cooling | None:
    """Locked."""
    named = _waiting.where(coolings.c.stop_digest == digest)
    return uow.session.scalar(named.with_for_update().execution_options(populate_existing=True))


def due_coolings(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Oldest first, not locked."""
    due = select(coolings.c.id).where(coolings.c.state == "waiting", coolings.c.next_at <= uow.now())
    return list(uow.session.scalars(due.order_by(coolings.c.next_at).limit(limit)))


def due_cooling(uow: UnitOfWork, id: UUID) -> Cooling | None:
    """Locked; None when it is not due any more, or somebody else has it."""
    named = _waiting.where(coolings.c.id == id, coolings.c.next_at <= uow.now())
    locked = named.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return uow.session.scalar(locked)
