"""What identity can tell again: the accounts of applicants. Officials and codes were never told."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from chassis.snapshots import Aggregates
from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountSnapshot
from services.identity import queries
from services.identity.commands.accounts import as_told
from services.identity.model.account import Account
from services.identity.tables import accounts

APPLICANTS = accounts.c.kind.in_(["citizen", "business"])


def count(uow: UnitOfWork) -> int:
    return uow.session.execute(select(func.count()).select_from(accounts).where(APPLICANTS)).scalar_one()


def some(uow: UnitOfWork, after: str, limit: int) -> Sequence[tuple[str, AccountSnapshot | None]]:
    """Keys are ids."""
    query = select(Account).where(APPLICANTS, accounts.c.id > (UUID(after) if after else UUID(int=0)))
    found = uow.session.execute(query.order_by(accounts.c.id).limit(limit).with_for_update(read=True))
    return [(str(account.id), _snapshot(uow, account)) for account in found.scalars()]


def _snapshot(uow: UnitOfWork, account: Account) -> AccountSnapshot | None:
    """None for a person whose data key was destroyed: nobody is to know them any more."""
    try:
        person = queries.person_of(uow, account)
    except LookupError:
        return None
    return as_told(uow, AccountSnapshot, account, person)


KINDS = (Aggregates("account", AccountSnapshot, count, some),)
