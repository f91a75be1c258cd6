"""What catalog can tell again. Publishers wait meanwhile: one transaction of theirs says many things."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, Table, extract, func, select, tuple_

from chassis.snapshots import Aggregates
from chassis.tables import event_sequences
from chassis.unit_of_work import UnitOfWork
from contracts.catalog import AgencySnapshot, CalendarSnapshot, DayOff, ProcedureSnapshot
from contracts.event import Name
from services.catalog import queries
from services.catalog.commands.publishing import lock
from services.catalog.tables import agencies, calendar_exceptions, procedure_versions

YEAR = "calendar/"
FIRST = "0"


def _rows(table: Table) -> Any:
    return lambda uow: uow.session.execute(select(func.count()).select_from(table)).scalar_one()


def some_agencies(uow: UnitOfWork, after: str, limit: int) -> Sequence[tuple[str, AgencySnapshot]]:
    """Keys are codes."""
    lock(uow)
    return [
        (row["code"], AgencySnapshot(code=row["code"], name=_name(row, "name"), level=row["level"]))
        for row in queries.agency_page(uow.session, after, limit)
    ]


def count_years(uow: UnitOfWork) -> int:
    told = event_sequences.c.subject.startswith(YEAR)
    return uow.session.execute(select(func.count()).select_from(event_sequences).where(told)).scalar_one()


def some_years(uow: UnitOfWork, after: str, limit: int) -> Sequence[tuple[str, CalendarSnapshot]]:
    """Keys are years: all that were ever told of, those without an exception any more too."""
    lock(uow)
    subject = event_sequences.c.subject
    told = select(subject).where(subject.startswith(YEAR), subject > YEAR + (after and str(int(after))))
    found = uow.session.execute(told.order_by(subject).limit(limit)).scalars()
    years = [name.removeprefix(YEAR) for name in found]
    return [(year, CalendarSnapshot(year=int(year), days=_days(uow, int(year)))) for year in years]


def some_versions(uow: UnitOfWork, after: str, limit: int) -> Sequence[tuple[str, ProcedureSnapshot]]:
    """Keys are code and version: who began a form with an old version is held to that one."""
    lock(uow)
    v = procedure_versions.c
    code, _, number = after.rpartition("/")
    later = tuple_(v.code, v.version) > tuple_(code, int(number or FIRST))
    rows = uow.session.execute(
        select(procedure_versions).where(later).order_by(v.code, v.version).limit(limit)
    ).all()
    known = queries.agencies_called(uow.session, {code for row in rows for code in row.content["agencies"]})
    return [(f"{row.code}/{row.version}", _version(row, known)) for row in rows]


def _version(row: Row[Any], known: dict[str, dict[str, Any]]) -> ProcedureSnapshot:
    """From what the API shows of it."""
    content = row.content
    facts = content | {
        **_both(content, "name", "sector", "result"),
        "documents": [document | _both(document, "name", "case") for document in content["documents"]],
        "fees": [fee | _both(fee, "name") for fee in content["fees"]],
        "agencies": [{"code": code} | _both(known[code], "name") for code in content["agencies"]],
        "version": row.version,
        "published_at": row.published_at,
    }
    return msgspec.convert(facts, ProcedureSnapshot)


def _both(content: dict[str, Any], *names: str) -> dict[str, Any]:
    """Names that are stored as `name` and `name_en`, as events have them."""
    return {name: {"vi": content[name], "en": content[f"{name}_en"]} for name in names if name in content}


def _days(uow: UnitOfWork, year: int) -> list[DayOff]:
    of_year = extract("year", calendar_exceptions.c.day) == year
    rows = select(calendar_exceptions).where(of_year).order_by(calendar_exceptions.c.day)
    return [
        DayOff(row["day"], row["worked"], _name(row, "reason"))
        for row in uow.session.execute(rows).mappings()
    ]


def _name(row: Any, column: str) -> Name:
    return Name(row[column], row[f"{column}_en"])


KINDS = (
    Aggregates("agency", AgencySnapshot, _rows(agencies), some_agencies),
    Aggregates("calendar", CalendarSnapshot, count_years, some_years),
    Aggregates("procedure", ProcedureSnapshot, _rows(procedure_versions), some_versions),
)
