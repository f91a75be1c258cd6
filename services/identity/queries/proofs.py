from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.proof import Proof
from services.identity.tables import proofs


def proofs_of(uow: UnitOfWork, account: UUID) -> Sequence[Proof]:
    """Oldest first."""
    own = select(Proof).where(proofs.c.account == account).order_by(proofs.c.at, proofs.c.id)
    return uow.session.scalars(own).all()
