from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.account import Account
from services.identity.model.mandate import Mandate
from services.identity.tables import accounts, mandates

MOST_SHOWN = 100


def mandate(uow: UnitOfWork, id: UUID) -> Mandate | None:
    """Locked."""
    return uow.session.get(Mandate, id, with_for_update=True, populate_existing=True)


def given(uow: UnitOfWork, giver: UUID) -> Sequence[Mandate]:
    """Newest first, ended ones too."""
    query = select(Mandate).where(mandates.c.giver == giver)
    return uow.session.scalars(query.order_by(mandates.c.given_at.desc()).limit(MOST_SHOWN)).all()


def received(uow: UnitOfWork, agent: Account) -> Sequence[Mandate]:
    """Offered to this login, or accepted; newest first, ended ones too."""
    query = select(Mandate).where(mandates.c.agent_index == agent.login_index)
    return uow.session.scalars(query.order_by(mandates.c.given_at.desc()).limit(MOST_SHOWN)).all()


def open_mandates(uow: UnitOfWork, giver: UUID) -> int:
    """Whoever else gives in this account's name waits until the transaction ends."""
    uow.session.execute(select(accounts.c.id).where(accounts.c.id == giver).with_for_update())
    ends = mandates.c.expires_at > uow.now()
    query = select(func.count()).where(mandates.c.giver == giver, mandates.c.ended_at.is_(None), ends)
    return uow.session.execute(query).scalar_one()
