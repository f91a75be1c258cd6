"""The catalogue is for anyone and the same for everyone: answers may be kept and asked for again by ETag."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from chassis import paging
from chassis.auth import allow
from chassis.web import api, unit_of_work
from services.catalog import queries, schemas
from services.catalog.adapters.files import life_events
from services.catalog.queries import Place, Wanted
from vocabulary.codes import PROCEDURE_CODE
from vocabulary.refusals import Fault, Invalid, Malformed, NotFound
from vocabulary.text import Text

blueprint = api("catalog")
FRESH = "public, max-age=60"
SORT_WORDS = re.compile(r"[a-z0-9. ]*")


@blueprint.after_request
def keepable(answer: Response) -> Response:
    if request.method == "GET" and answer.status_code == 200:
        answer.headers.setdefault("Cache-Control", FRESH)
        answer.add_etag()
        answer.make_conditional(request)
    return answer


@blueprint.route("/procedures", methods=["GET"])
@allow("anyone")
@blueprint.arguments(schemas.ProceduresQuery, location="query")
@blueprint.response(200, schemas.ProcedurePage)
def list_procedures(query: Mapping[str, str]) -> dict[str, Any]:
    """Procedures by name; with `q`, those whose name has all the words come first."""
    cursor, limit = paging.read()
    wanted = wanted_of(query)
    with unit_of_work() as uow:
        rows = queries.procedure_page(uow.session, wanted, place_of(cursor), limit + 1)
    return {
        "items": [{**row, "event": row["events"][0]} for row in rows[:limit]],
        "next_cursor": cursor_after(rows, limit, "rank", "sort_words", "code"),
    }


@blueprint.route("/procedures/<code>", methods=["GET"])
@allow("anyone")
@blueprint.arguments(schemas.VersionQuery, location="query")
@blueprint.response(200, schemas.ProcedureWhole)
def show_procedure(query: Mapping[str, int], code: str) -> dict[str, Any]:
    """The newest version, or the one asked for. Versions never change once published."""
    number = query.get("version")
    with unit_of_work() as uow:
        found = queries.version(uow.session, code, number) if PROCEDURE_CODE.fullmatch(code) else None
        if found is None:
            raise no_procedure()
        known = queries.agencies_called(uow.session, found.content["agencies"])
    content: dict[str, Any] = found.content
    return content | {
        "version": found.version,
        "published_at": found.published_at,
        "agencies": [known[agency] for agency in content["agencies"]],
    }


@blueprint.route("/agencies", methods=["GET"])
@allow("anyone")
@blueprint.arguments(schemas.PageQuery, location="query")
@blueprint.response(200, schemas.AgencyPage)
def list_agencies(_query: Mapping[str, str]) -> dict[str, Any]:
    """Agencies that take dossiers, by code."""
    cursor, limit = paging.read()
    after = plain(paging.values_of(cursor, 1)[0]) if cursor else None
    with unit_of_work() as uow:
        rows = queries.agency_page(uow.session, after, limit + 1)
    return {"items": rows[:limit], "next_cursor": cursor_after(rows, limit, "code")}


@blueprint.route("/events", methods=["GET"])
@allow("anyone")
@blueprint.response(200, schemas.LifeEventList)
def list_events() -> dict[str, Any]:
    """Life events of citizens, then those of businesses."""
    with unit_of_work() as uow:
        counts = queries.procedures_per_event(uow.session)
    items = [
        {
            "slug": event.slug,
            "audience": event.audience,
            "name": event.name.vi,
            "name_en": event.name.en,
            "procedures": counts.get(event.slug, 0),
        }
        for event in life_events().values()
    ]
    return {"items": items}


def wanted_of(query: Mapping[str, str]) -> Wanted:
    event = query.get("event") or None
    if event is not None and event not in life_events():
        detail = Text("Không có sự kiện này, xem /events.", "There is no such event, see /events.")
        raise Invalid("invalid", detail.vi, detail.en, [Fault("/event", "unknown-event", detail)])
    return Wanted(query.get("audience") or None, event, query.get("q", "").strip() or None)


def place_of(cursor: str | None) -> Place | None:
    """Malformed unless the cursor is one that `list_procedures` gave."""
    if cursor is None:
        return None
    rank, sort_words, code = paging.values_of(cursor, 3)
    if rank not in {"0", "1"} or not SORT_WORDS.fullmatch(sort_words) or not PROCEDURE_CODE.fullmatch(code):
        raise bad_cursor()
    return Place(int(rank), sort_words, code)


def plain(value: str) -> str:
    """The database takes no NUL and no half characters."""
    if not value.isascii() or not value.isprintable():
        raise bad_cursor()
    return value


def cursor_after(rows: Sequence[Mapping[str, Any]], limit: int, *columns: str) -> str | None:
    if len(rows) <= limit:
        return None
    return paging.cursor_of(*(str(rows[limit - 1][column]) for column in columns))


def bad_cursor() -> Malformed:
    return Malformed(
        "bad-cursor", "Trang này không còn. Hãy xem lại từ đầu.", "This page is gone. Start again."
    )


def no_procedure() -> NotFound:
    return NotFound(
        "no-such-procedure",
        "Không có thủ tục hoặc phiên bản này. Hãy tìm theo tên.",
        "There is no such procedure or version. Try finding it by name.",
    )
