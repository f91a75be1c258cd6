from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping, and_, or_, select

from chassis.unit_of_work import UnitOfWork
from services.feedback.model import INDICES, Dossier, Rating, average
from services.feedback.tables import agencies, dossiers, ratings


@dataclass(frozen=True)
class AgencyFigures:
    """`averages` has each index (0 to 2) and `satisfaction` (1 to 5), to one decimal; None: nobody rated."""

    code: str
    name: str | None
    name_en: str | None
    count: int
    averages: dict[str, float | None]


def own_for_update(uow: UnitOfWork, owner: UUID, code: str) -> Dossier | None:
    mine = select(Dossier).where(dossiers.c.code == code, dossiers.c.owner == owner)
    return uow.session.scalar(mine.with_for_update())


def own_rating(uow: UnitOfWork, owner: UUID, code: str) -> Rating | None:
    mine = select(Rating).join(dossiers, dossiers.c.code == ratings.c.dossier)
    return uow.session.scalar(mine.where(ratings.c.dossier == code, dossiers.c.owner == owner))


def figures(uow: UnitOfWork, agency: str) -> AgencyFigures | None:
    row = uow.session.execute(select(agencies).where(agencies.c.code == agency)).mappings().one_or_none()
    return _figures_of(row) if row else None


def all_figures(uow: UnitOfWork, limit: int, after: tuple[int, str] | None = None) -> Sequence[AgencyFigures]:
    """Most rated first, then by code; those behind `after` (count, code)."""
    rows = select(agencies).order_by(agencies.c.ratings.desc(), agencies.c.code).limit(limit)
    if after:
        count, code = after
        same = and_(agencies.c.ratings == count, agencies.c.code > code)
        rows = rows.where(or_(agencies.c.ratings < count, same))
    return [_figures_of(row) for row in uow.session.execute(rows).mappings()]


def _figures_of(row: RowMapping) -> AgencyFigures:
    count = row["ratings"]
    averages = {name: average(row[name], count) for name in (*INDICES, "satisfaction")}
    return AgencyFigures(row["code"], row["name"], row["name_en"], count, averages)
