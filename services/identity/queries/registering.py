from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.code import OneTimeCode, Purpose
from services.identity.model.registration import Registration
from services.identity.tables import codes


def registration(uow: UnitOfWork, id: UUID) -> Registration | None:
    """Locked until the transaction ends; None when it does not exist or has expired."""
    found = uow.session.get(Registration, id, with_for_update=True, populate_existing=True)
    return found if found and uow.now() < found.expires_at else None


def latest_code(uow: UnitOfWork, owner: UUID) -> OneTimeCode | None:
    """The only one of this registration or login that counts, locked."""
    newest = select(OneTimeCode).where(codes.c.owner == owner).order_by(codes.c.sent_at.desc()).limit(1)
    return uow.session.execute(
        newest.with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()


def codes_since(uow: UnitOfWork, phone_index: bytes, purpose: Purpose, since: datetime) -> list[OneTimeCode]:
    """Oldest first. Others who send to this number wait until the transaction ends, so none is missed."""
    number = int.from_bytes(phone_index[:8], signed=True)
    uow.session.execute(select(func.pg_advisory_xact_lock(number)))
    sent = (
        select(OneTimeCode)
        .where(codes.c.phone_index == phone_index, codes.c.purpose == purpose, codes.c.sent_at > since)
        .order_by(codes.c.sent_at)
    )
    return list(uow.session.execute(sent).scalars())
