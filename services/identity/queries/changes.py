from uuid import UUID

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.account import Account
from services.identity.model.changes import PasswordReset, PhoneChange
from services.identity.tables import password_resets


def open_account(uow: UnitOfWork, id: UUID) -> Account | None:
    """Locked, as it is now; None when it is closed."""
    found = uow.session.get(Account, id, with_for_update=True, populate_existing=True)
    return found if found and found.closed_at is None else None


def password_reset(uow: UnitOfWork, id: UUID) -> PasswordReset | None:
    """Locked; None when it does not exist or has expired."""
    found = uow.session.get(PasswordReset, id, with_for_update=True, populate_existing=True)
    return found if found and uow.now() < found.expires_at else None


def unanswered_resets(uow: UnitOfWork, limit: int) -> list[PasswordReset]:
    """The oldest, locked; what somebody else answers just now is left out."""
    asked = select(PasswordReset).where(password_resets.c.state == "asked")
    some = asked.order_by(password_resets.c.asked_at).limit(limit).with_for_update(skip_locked=True)
    return list(uow.session.scalars(some))


def phone_change(uow: UnitOfWork, account: UUID, id: UUID) -> PhoneChange | None:
    """The account's own, locked; None when it does not exist or has expired."""
    found = uow.session.get(PhoneChange, id, with_for_update=True, populate_existing=True)
    mine = found is not None and found.account == account and uow.now() < found.expires_at
    return found if mine else None
