from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from services.catalog.model import search
from services.catalog.tables import agencies, procedure_versions, procedures

NAMED, DESCRIBED = 0, 1


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; None narrows nothing."""

    audience: str | None = None
    event: str | None = None
    q: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a page of the list ended."""

    rank: int
    sort_words: str
    code: str


def procedure_page(session: Session, wanted: Wanted, after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` rows: those whose name has every word of `q` first, then by name."""
    words = search.words(wanted.q or "")
    rank = rank_of(words)
    order = (rank, procedures.c.sort_words, procedures.c.code)
    query = select(procedures, rank.label("rank")).where(*conditions(wanted, words))
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(after.rank, after.sort_words, after.code))
    return [dict(row) for row in session.execute(query.order_by(*order).limit(limit)).mappings()]


def rank_of(words: Sequence[str]) -> ColumnElement[int]:
    if not words:
        return literal(NAMED)
    return case((has_all(procedures.c.name_words, words), NAMED), else_=DESCRIBED)


def conditions(wanted: Wanted, words: Sequence[str]) -> list[ColumnElement[bool]]:
    found = [has_all(procedures.c.all_words, words)]
    if wanted.audience:
        found.append(procedures.c.audience.contains([wanted.audience]))
    if wanted.event:
        found.append(procedures.c.events.contains([wanted.event]))
    if wanted.q and not words:
        # Nothing but signs was typed: nothing is called that.
        found.append(literal(False))
    return found


def has_all(column: ColumnElement[str], words: Sequence[str]) -> ColumnElement[bool]:
    """Each word begins a word of the column. `strpos` knows no wildcards."""
    return and_(literal(True), *(func.strpos(column, f" {word}") > 0 for word in words))


def version(session: Session, code: str, number: int | None = None) -> Row[Any] | None:
    """That version of a procedure, or the newest."""
    query = select(procedure_versions).where(procedure_versions.c.code == code)
    if number is not None:
        query = query.where(procedure_versions.c.version == number)
    return session.execute(query.order_by(procedure_versions.c.version.desc()).limit(1)).one_or_none()


def agencies_called(session: Session, codes: Collection[str]) -> dict[str, dict[str, Any]]:
    """By code."""
    rows = session.execute(select(agencies).where(agencies.c.code.in_(codes))).mappings()
    return {row["code"]: dict(row) for row in rows}


def agency_page(session: Session, after: str | None, limit: int) -> list[dict[str, Any]]:
    query = select(agencies)
    if after is not None:
        query = query.where(agencies.c.code > after)
    return [dict(row) for row in session.execute(query.order_by(agencies.c.code).limit(limit)).mappings()]


def procedures_per_event(session: Session) -> dict[str, int]:
    slug = func.unnest(procedures.c.events).label("slug")
    events = select(slug).subquery()
    rows = session.execute(select(events.c.slug, func.count()).group_by(events.c.slug))
    return {row[0]: row[1] for row in rows}
