from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.session import LoginSession
from services.identity.model.signing import MobileRequest, Purpose, StepUp
from services.identity.tables import mobile_requests


def step_up(uow: UnitOfWork, id: UUID, session: UUID) -> StepUp | None:
    """Of that session only; locked."""
    found = uow.session.get(StepUp, id, with_for_update=True, populate_existing=True)
    return found if found and found.session == session else None


def open_session(uow: UnitOfWork, id: UUID) -> LoginSession | None:
    """Locked; None when it is over."""
    found = uow.session.get(LoginSession, id, with_for_update=True, populate_existing=True)
    return found if found and found.is_open(uow.now()) else None


def latest_request(uow: UnitOfWork, owner: UUID) -> MobileRequest | None:
    """The only one of this registration or step-up that counts, locked."""
    newest = select(MobileRequest).where(mobile_requests.c.owner == owner)
    newest = newest.order_by(mobile_requests.c.started_at.desc()).limit(1).with_for_update()
    return uow.session.execute(newest.execution_options(populate_existing=True)).scalar_one_or_none()


def requests_since(
    uow: UnitOfWork, phone_index: bytes, purpose: Purpose, since: datetime
) -> list[MobileRequest]:
    """As `codes_since`."""
    number = int.from_bytes(phone_index[:8], signed=True)
    uow.session.execute(select(func.pg_advisory_xact_lock(number)))
    of_phone = (mobile_requests.c.phone_index == phone_index, mobile_requests.c.purpose == purpose)
    rung = select(MobileRequest).where(*of_phone, mobile_requests.c.started_at > since)
    return list(uow.session.execute(rung.order_by(mobile_requests.c.started_at)).scalars())
