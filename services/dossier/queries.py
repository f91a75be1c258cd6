"""Every read that is more than a get. Ownership is part of the query: what is not yours is not there."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, and_, func, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from chassis.unit_of_work import UnitOfWork
from contracts.catalog import DayOff, ProcedurePublished
from services.dossier.model.dossier import CLOCK_STOPPED, COMPLETED, WAITING_FOR_APPLICANT, Dossier
from services.dossier.model.history import Whose
from services.dossier.model.papers import File
from services.dossier.tables import (
    agencies,
    applicants,
    calendar_years,
    deadline,
    dossiers,
    files,
    procedures,
)
from vocabulary.calendar import VIETNAM, Calendar, vietnam_calendar
from vocabulary.codes import parse_dossier_code
from vocabulary.refusals import Invalid, NotFound

d = dossiers.c
OPEN: ColumnElement[bool] = and_(d.status.is_not(None), d.outcome.is_(None))
STATES: dict[str, ColumnElement[bool]] = {
    "draft": d.status.is_(None),
    "submitted": d.status.is_not(None),
    "in-progress": and_(OPEN, d.status.not_in(COMPLETED)),
    "completed": d.status.in_(COMPLETED),
    "closed": and_(d.outcome.is_not(None), d.status.not_in(COMPLETED)),
    "waiting-for-you": and_(OPEN, d.status.in_(WAITING_FOR_APPLICANT)),
}
COUNTED = {
    "completed": "completed",
    "in_progress": "in-progress",
    "closed": "closed",
    "drafts": "draft",
    "waiting_for_you": "waiting-for-you",
}
LISTED = (
    d.id,
    d.code,
    d.status,
    d.outcome,
    d.closed_at,
    d.procedure,
    d.procedure_version,
    d.procedure_name,
    d.agency,
    d.agency_name,
    d.version,
    d.submitted_at,
    d.answer_due_at,
    d.due_at,
    d.changed_at,
    deadline.label("deadline"),
)


def own(uow: UnitOfWork, whose: Whose, key: str, lock: bool = False) -> Dossier:
    """The applicant's draft by its id, or dossier by its code. NotFound when it is not theirs."""
    return _one(uow, and_(_named(key), _theirs(whose)), lock)


def _theirs(whose: Whose) -> ColumnElement[bool]:
    own = d.applicant == whose.account
    return own if whose.procedures is None else and_(own, d.procedure.in_(whose.procedures))


def at_desk(uow: UnitOfWork, agency: str | None, code: str, lock: bool = False) -> Dossier:
    """The agency's dossier. NotFound when it is another's."""
    return _one(uow, and_(d.code == _code(code), d.agency == agency), lock)


def submitted(uow: UnitOfWork, code: str) -> Dossier:
    return _one(uow, d.code == _code(code), lock=False)


def _one(uow: UnitOfWork, which: ColumnElement[bool], lock: bool) -> Dossier:
    query = select(Dossier).where(which)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = uow.session.execute(query).scalar_one_or_none()
    if found is None:
        raise no_dossier()
    return found


def _named(key: str) -> ColumnElement[bool]:
    try:
        return d.id == UUID(key)
    except ValueError:
        return d.code == _code(key)


def _code(code: str) -> str:
    """As it is stored. A code that cannot be is one that is not there."""
    try:
        return str(parse_dossier_code(code))
    except Invalid:
        raise no_dossier() from None


def no_dossier() -> NotFound:
    return NotFound(
        "dossier-not-found",
        "Không tìm thấy hồ sơ. Hãy kiểm tra lại mã hồ sơ.",
        "There is no such dossier. Please check its code.",
    )


def file_of(dossier: Dossier, file: UUID) -> File:
    found = next((one for one in dossier.files if one.id == file), None)
    if found is None:
        raise NotFound("file-not-found", "Không tìm thấy tệp.", "There is no such file.")
    return found


def procedure(uow: UnitOfWork, code: str, version: int | None = None) -> ProcedurePublished | None:
    """One published version, or the newest."""
    p = procedures.c
    query = select(p.published).where(p.code == code)
    query = (
        query.order_by(p.version.desc()).limit(1) if version is None else query.where(p.version == version)
    )
    found = uow.session.execute(query).scalar_one_or_none()
    return found and msgspec.convert(found, ProcedurePublished)


def procedure_of(uow: UnitOfWork, dossier: Dossier) -> ProcedurePublished:
    """The version the draft was begun with; versions are never removed."""
    found = procedure(uow, dossier.procedure, dossier.procedure_version)
    if found is None:
        raise LookupError(f"{dossier.procedure} version {dossier.procedure_version} is gone")
    return found


def agency_with_account(uow: UnitOfWork, account: str | None) -> str | None:
    query = select(agencies.c.code).where(agencies.c.account == account)
    return uow.session.execute(query).scalar_one_or_none()


def profile(uow: UnitOfWork, applicant: UUID) -> dict[str, Any] | None:
    """What the registers confirmed of the applicant; None while it has not arrived yet."""
    query = select(applicants.c.profile).where(applicants.c.account == applicant)
    found = uow.session.execute(query).scalar_one_or_none()
    return found and msgspec.json.decode(uow.reveal(applicant, found), type=dict[str, Any])


def calendar(uow: UnitOfWork) -> Calendar:
    """Working days from this year on: the public ones, with the administrator's exceptions."""
    first = uow.now().astimezone(VIETNAM).year
    years = range(first, first + 3)
    query = select(calendar_years.c.days).where(calendar_years.c.year.in_(years))
    lists = [msgspec.convert(days, list[DayOff]) for days in uow.session.execute(query).scalars()]
    days = [day for listed in lists for day in listed]
    return _calendar(
        tuple(years),
        frozenset(day.day for day in days if not day.worked),
        frozenset(day.day for day in days if day.worked),
    )


_calendar = lru_cache(maxsize=8)(vietnam_calendar)


def own_list(
    uow: UnitOfWork, whose: Whose, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row[Any]]:
    """The applicant's dossiers, last changed first; `state` is a key of STATES."""
    query = select(*LISTED).where(_theirs(whose))
    if state is not None:
        query = query.where(STATES[state])
    if after is not None:
        query = query.where(tuple_(d.changed_at, d.id) < after)
    return _rows(uow, query.order_by(d.changed_at.desc(), d.id.desc()), limit)


def summary(uow: UnitOfWork, whose: Whose) -> dict[str, int]:
    """How many of the applicant's dossiers are in each state."""
    counts = [func.count().filter(STATES[state]).label(name) for name, state in COUNTED.items()]
    row = uow.session.execute(select(*counts).where(_theirs(whose))).one()
    return {name: getattr(row, name) for name in COUNTED}


def desk_list(
    uow: UnitOfWork,
    agency: str | None,
    statuses: Collection[int],
    overdue: bool | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The agency's dossiers by deadline, earliest first; without `statuses` those that are still open."""
    query = select(*LISTED).where(d.agency == agency, d.status.is_not(None))
    query = query.where(d.status.in_(statuses) if statuses else d.outcome.is_(None))
    if overdue is not None:
        late = and_(d.outcome.is_(None), d.status.not_in(CLOCK_STOPPED), deadline < uow.now())
        query = query.where(late if overdue else ~late)
    if after is not None:
        query = query.where(tuple_(deadline, d.id) > after)
    return _rows(uow, query.order_by(deadline, d.id), limit)


def _rows(uow: UnitOfWork, query: Select[Any], limit: int) -> Sequence[Row[Any]]:
    """One more than the page, to know whether there is a next one."""
    return uow.session.execute(query.limit(limit + 1)).all()


def without_row(uow: UnitOfWork, names: Collection[str]) -> set[str]:
    """Those stored files that no dossier has."""
    query = select(files.c.stored_as).where(files.c.stored_as.in_(names))
    return set(names) - set(uow.session.execute(query).scalars())
