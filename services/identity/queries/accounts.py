from uuid import UUID

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.account import Account
from services.identity.model.invitation import Invitation
from services.identity.model.person import Person
from services.identity.model.registration import Registration
from services.identity.tables import accounts


def account_by_login(uow: UnitOfWork, login_index: bytes) -> Account | None:
    return uow.session.execute(
        select(Account).where(accounts.c.login_index == login_index)
    ).scalar_one_or_none()


def account(uow: UnitOfWork, id: UUID) -> Account | None:
    """None when it is closed."""
    found = uow.session.get(Account, id)
    return found if found and found.closed_at is None else None


def person_of(uow: UnitOfWork, owner: Account | Registration | Invitation) -> Person:
    return Person.from_text(uow.reveal(owner.id, owner.person))
