from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.counter import Deed, Visit
from services.identity.model.registration import Registration
from services.identity.tables import counter_deeds, counter_visits, registrations


def visit(uow: UnitOfWork, code_index: bytes) -> tuple[Registration, Visit] | None:
    """Both locked; None when nobody has that code or its time is over."""
    found = (
        select(Registration, Visit)
        .join(counter_visits, counter_visits.c.registration == registrations.c.id)
        .where(counter_visits.c.code_index == code_index, registrations.c.expires_at > uow.now())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = uow.session.execute(found).one_or_none()
    return (row[0], row[1]) if row else None


def looks_at(uow: UnitOfWork, registration: UUID) -> Sequence[Deed]:
    """Oldest first."""
    looks = select(Deed).where(counter_deeds.c.registration == registration, counter_deeds.c.deed == "looked")
    return uow.session.scalars(looks.order_by(counter_deeds.c.at, counter_deeds.c.id)).all()


def missed_looks(uow: UnitOfWork, clerk: UUID, since: datetime) -> list[datetime]:
    """When codes this clerk entered led nowhere, oldest first. Their other looks wait until this one ends."""
    uow.session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(clerk.bytes[8:], signed=True))))
    own = select(counter_deeds.c.at).where(
        counter_deeds.c.clerk == clerk, counter_deeds.c.deed == "not-found", counter_deeds.c.at > since
    )
    return list(uow.session.scalars(own.order_by(counter_deeds.c.at)))
