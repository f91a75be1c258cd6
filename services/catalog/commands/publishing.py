"""Publishing: what is new or changed is stored and announced, what is not is left alone."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, extract, insert, select, text
from sqlalchemy.dialects import postgresql

from chassis.unit_of_work import UnitOfWork
from contracts.catalog import AgencyRef
from contracts.event import Name
from services.catalog import queries
from services.catalog.adapters import files
from services.catalog.model import search
from services.catalog.model.agency import Agency
from services.catalog.model.calendar import CalendarYear
from services.catalog.model.procedure import Procedure
from services.catalog.tables import agencies, calendar_exceptions, procedure_versions, procedures, seeded
from vocabulary.refusals import Invalid

PUBLISHING = 7_201_201


@dataclass(frozen=True)
class Published:
    """What was looked at, in words, and whether it was new or changed."""

    what: str
    changed: bool


def seed(uow: UnitOfWork) -> None:
    """What a worker or `motcua up` calls at start."""
    publish_own(uow)


def publish_own(uow: UnitOfWork) -> list[Published]:
    """Publish what is new or changed in the product's own catalogue since it was last seeded.

    What an operator has published over it stays, until the product's own text changes.
    """
    lock(uow)
    items: list[files.Publication] = [
        *files.seed_agencies(),
        *files.seed_calendars(),
        *files.seed_procedures(),
    ]
    return [published for item in items for published in _seed_one(uow, item)]


def _seed_one(uow: UnitOfWork, item: files.Publication) -> Iterator[Published]:
    name, digest = item.subject, fingerprint(item)
    if uow.session.scalar(select(seeded.c.digest).where(seeded.c.subject == name)) == digest:
        return
    put = postgresql.insert(seeded).values(subject=name, digest=digest)
    uow.session.execute(put.on_conflict_do_update(index_elements=["subject"], set_={"digest": digest}))
    yield publish_one(uow, item)


def fingerprint(item: files.Publication) -> str:
    content = item.content() if isinstance(item, Procedure) else item.published()
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


def publish(uow: UnitOfWork, items: Sequence[files.Publication]) -> list[Published]:
    """Invalid when a procedure names an agency that is not published."""
    lock(uow)
    return [publish_one(uow, item) for item in items]


def lock(uow: UnitOfWork) -> None:
    """One publisher at a time: two would take the same version number."""
    uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PUBLISHING})


def publish_one(uow: UnitOfWork, item: files.Publication) -> Published:
    match item:
        case Agency():
            return publish_agency(uow, item)
        case CalendarYear():
            return publish_calendar(uow, item)
        case Procedure():
            return publish_procedure(uow, item)


def publish_agency(uow: UnitOfWork, agency: Agency) -> Published:
    row = {"code": agency.code, "name": agency.name.vi, "name_en": agency.name.en, "level": agency.level}
    changed = queries.agencies_called(uow.session, [agency.code]).get(agency.code) != row
    if changed:
        put = postgresql.insert(agencies).values(row)
        uow.session.execute(put.on_conflict_do_update(index_elements=["code"], set_=row))
        uow.emit(agency.published())
    return Published(agency.subject, changed)


def publish_calendar(uow: UnitOfWork, year: CalendarYear) -> Published:
    in_year = extract("year", calendar_exceptions.c.day) == year.year
    rows = [
        {"day": day.day, "worked": day.worked, "reason": day.reason.vi, "reason_en": day.reason.en}
        for day in year.published().days
    ]
    stored = select(calendar_exceptions).where(in_year).order_by(calendar_exceptions.c.day)
    changed = [dict(row) for row in uow.session.execute(stored).mappings()] != rows
    if changed:
        uow.session.execute(delete(calendar_exceptions).where(in_year))
        if rows:
            uow.session.execute(insert(calendar_exceptions), rows)
        uow.emit(year.published())
    return Published(year.subject, changed)


def publish_procedure(uow: UnitOfWork, procedure: Procedure) -> Published:
    """A changed procedure becomes a new version; dossiers already begun keep the one they began with."""
    newest = queries.version(uow.session, procedure.code)
    content = procedure.content()
    if newest is not None and newest.content == content:
        return Published(f"{procedure.subject} version {newest.version}", changed=False)
    version = newest.version + 1 if newest else 1
    event = procedure.published(version, agencies_of(uow, procedure), uow.now())
    row = list_row(procedure, version)
    put = postgresql.insert(procedures).values(code=procedure.code, **row)
    uow.session.execute(put.on_conflict_do_update(index_elements=["code"], set_=row))
    uow.session.execute(
        insert(procedure_versions).values(
            code=procedure.code, version=version, content=content, published_at=event.published_at
        )
    )
    uow.emit(event)
    return Published(f"{procedure.subject} version {version}", changed=True)


def list_row(procedure: Procedure, version: int) -> dict[str, object]:
    named = [procedure.name.vi, procedure.name.en, procedure.code]
    described = [procedure.summary.vi, procedure.summary.en, procedure.sector.vi, procedure.sector.en]
    return {
        "version": version,
        "name": procedure.name.vi,
        "name_en": procedure.name.en,
        "audience": list(procedure.audience),
        "events": list(procedure.events),
        "agency_level": procedure.agency_level,
        "service_level": procedure.service_level,
        "sort_words": search.haystack([procedure.name.vi]),
        "name_words": search.haystack(named),
        "all_words": search.haystack([*named, *described, *procedure.keywords]),
    }


def agencies_of(uow: UnitOfWork, procedure: Procedure) -> list[AgencyRef]:
    """In the author's order."""
    known = queries.agencies_called(uow.session, procedure.agencies)
    unknown = ", ".join(code for code in procedure.agencies if code not in known)
    if unknown:
        raise Invalid(
            "unknown-agency",
            f"Thủ tục {procedure.code}: chưa công bố cơ quan {unknown}.",
            f"Procedure {procedure.code}: agency {unknown} is not published yet.",
        )
    return [AgencyRef(code, Name(known[code]["name"], known[code]["name_en"])) for code in procedure.agencies]
