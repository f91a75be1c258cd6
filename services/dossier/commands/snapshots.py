"""What dossier can tell again: every dossier that was submitted, closed ones too."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from chassis.snapshots import Aggregates
from chassis.unit_of_work import UnitOfWork
from contracts.dossier import DossierSnapshot
from services.dossier.model.dossier import Dossier
from services.dossier.tables import dossiers

SUBMITTED = dossiers.c.status.is_not(None)


def count(uow: UnitOfWork) -> int:
    return uow.session.execute(select(func.count()).select_from(dossiers).where(SUBMITTED)).scalar_one()


def some(uow: UnitOfWork, after: str, limit: int) -> Sequence[tuple[str, DossierSnapshot]]:
    """Keys are ids."""
    query = select(Dossier).where(SUBMITTED, dossiers.c.id > (UUID(after) if after else UUID(int=0)))
    found = uow.session.execute(query.order_by(dossiers.c.id).limit(limit).with_for_update(read=True))
    return [(str(dossier.id), dossier.snapshot()) for dossier in found.scalars()]


KINDS = (Aggregates("dossier", DossierSnapshot, count, some),)
