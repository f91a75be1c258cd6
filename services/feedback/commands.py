from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from chassis import personal
from chassis.unit_of_work import UnitOfWork
from contracts.catalog import AgencyPublished
from contracts.dossier import DossierEvent
from services.feedback import queries
from services.feedback.model import INDICES, Opinion, Rating
from services.feedback.tables import NOBODY, agencies, dossiers, ratings
from vocabulary.refusals import NotFound

_noted = insert(dossiers).on_conflict_do_nothing()
_closed = insert(dossiers)
_closed = _closed.on_conflict_do_update(
    index_elements=[dossiers.c.code], set_={"closed_at": _closed.excluded.closed_at}
)
_named = insert(agencies)
_named = _named.on_conflict_do_update(
    index_elements=[agencies.c.code],
    set_={"name": _named.excluded.name, "name_en": _named.excluded.name_en},
)


def rate(uow: UnitOfWork, owner: UUID, dossier: str, opinion: Opinion) -> Rating:
    """NotFound when it is not the owner's; Conflict when it is open or was rated."""
    found = queries.own_for_update(uow, owner, dossier)
    if found is None:
        raise NotFound(
            "no-such-dossier",
            "Không tìm thấy hồ sơ này trong tài khoản của bạn.",
            "There is no such dossier in your account.",
        )
    comment = uow.protect(owner, opinion.comment) if opinion.comment else None
    rating = found.rate(opinion, comment, uow.now())
    uow.session.add(rating)
    _count(uow, rating)
    return rating


def name_agency(uow: UnitOfWork, event: AgencyPublished) -> None:
    uow.write(_named, code=event.code, name=event.name.vi, name_en=event.name.en)


def note_dossier(uow: UnitOfWork, event: DossierEvent) -> None:
    """It exists, and is not closed."""
    uow.write(_noted, code=event.code, agency=event.agency, owner=event.applicant)


def close_dossier(uow: UnitOfWork, event: DossierEvent) -> None:
    uow.write(_closed, code=event.code, agency=event.agency, owner=event.applicant, closed_at=event.at)


def forget(uow: UnitOfWork, person: UUID) -> None:
    """Their marks stay in the sums, which name nobody; their comments and whose the dossiers were go."""
    own = update(dossiers).where(dossiers.c.owner == person).values(owner=NOBODY)
    codes = uow.session.scalars(own.returning(dossiers.c.code)).all()
    uow.session.execute(update(ratings).where(ratings.c.dossier.in_(codes)).values(comment=None))
    personal.erase(uow.session, person)


def _count(uow: UnitOfWork, rating: Rating) -> None:
    """Last in the transaction: it holds the agency's row, which other ratings wait for."""
    added = {name: getattr(rating, name) for name in (*INDICES, "satisfaction")} | {"ratings": 1}
    row = insert(agencies).values(code=rating.agency, **added)
    sums = {name: agencies.c[name] + value for name, value in added.items()}
    uow.session.flush()
    uow.session.execute(row.on_conflict_do_update(index_elements=[agencies.c.code], set_=sums))
