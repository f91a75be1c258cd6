from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from chassis.unit_of_work import UnitOfWork
from services.identity.model.account import Account
from services.identity.model.invitation import Invitation
from services.identity.model.official import ADMINISTRATOR
from services.identity.tables import accounts, invitations, sessions


def administrators(uow: UnitOfWork, agency: str) -> Sequence[Account]:
    """Those at work now. Whoever else changes the agency's officials waits until the transaction ends."""
    found = select(Account).where(
        accounts.c.agency == agency,
        accounts.c.kind == "official",
        accounts.c.standing == "active",
        accounts.c.roles.contains([ADMINISTRATOR]),
    )
    locked = found.order_by(accounts.c.id).with_for_update().execution_options(populate_existing=True)
    return uow.session.scalars(locked).all()


def official(uow: UnitOfWork, agency: str, id: UUID) -> Account | None:
    """Locked; None when there is none of this agency."""
    found = uow.session.get(Account, id, with_for_update=True, populate_existing=True)
    return found if found and found.kind == "official" and found.agency == agency else None


def officials_after(uow: UnitOfWork, agency: str, after: UUID, limit: int) -> Sequence[Account]:
    """In the order they came; removed ones are not listed."""
    query = select(Account).where(
        accounts.c.agency == agency,
        accounts.c.kind == "official",
        accounts.c.standing != "removed",
        accounts.c.id > after,
    )
    return uow.session.scalars(query.order_by(accounts.c.id).limit(limit)).all()


def end_sessions(uow: UnitOfWork, account: UUID, because: str) -> None:
    """All that are open: none of their refresh tokens works any more."""
    open_ones = update(sessions).where(sessions.c.account == account, sessions.c.ended_at.is_(None))
    uow.session.execute(open_ones.values(ended_at=uow.now(), ended_because=because))


def open_invitations(uow: UnitOfWork, agency: str) -> Sequence[Invitation]:
    """Oldest first."""
    query = select(Invitation).where(invitations.c.agency == agency, invitations.c.expires_at > uow.now())
    return uow.session.scalars(query.order_by(invitations.c.invited_at, invitations.c.id)).all()


def invitation_of_token(uow: UnitOfWork, digest: bytes) -> Invitation | None:
    """Locked; None when it is no more, or has expired."""
    query = select(Invitation).where(invitations.c.digest == digest, invitations.c.expires_at > uow.now())
    return uow.session.scalars(query.with_for_update()).one_or_none()


def invitation_of_login(uow: UnitOfWork, login_index: bytes) -> Invitation | None:
    """The one that holds this login, locked, even when it has expired."""
    query = select(Invitation).where(invitations.c.login_index == login_index)
    return uow.session.scalars(query.with_for_update()).one_or_none()
