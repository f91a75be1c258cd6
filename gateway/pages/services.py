"""The services: lists by audience and life event, search, and each procedure's page."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request

from gateway import words
from gateway.backend import Json, call
from gateway.pages import catalogue, coming, form_entry
from gateway.sessions import viewer
from vocabulary.calendar import VIETNAM
from vocabulary.codes import PROCEDURE_CODE

blueprint = Blueprint("services", __name__)
AUDIENCES = {"/cong-dan": "citizen", "/doanh-nghiep": "business", "/thu-tuc": ""}


@blueprint.get("/cong-dan")
@blueprint.get("/doanh-nghiep")
@blueprint.get("/thu-tuc")
def services() -> str:
    """All services of an audience (of everyone at /thu-tuc), narrowed by ?event= and ?q=."""
    audience = AUDIENCES[request.path]
    asked = {name: request.args.get(name, "").strip()[:200] for name in ("event", "q", "cursor")}
    known = [e for e in catalogue.events.get() or [] if audience in ("", e["audience"])]
    chosen = next((event for event in known if event["slug"] == asked["event"]), None)
    if chosen is None:
        asked["event"] = ""
    found = call("GET", "/procedures", query={"audience": audience, **asked}, token="").body
    return render_template(
        "services.html",
        audience=audience,
        events=known,
        chosen=chosen,
        asked=asked,
        items=found["items"],
        coming=[] if asked["cursor"] else coming.listed(audience, asked["event"], asked["q"]),
        next=address(asked, cursor=found["next_cursor"]) if found["next_cursor"] else None,
        first=address(asked, cursor="") if asked["cursor"] else None,
        address=address,
    )


def address(asked: dict[str, str], **changed: str) -> str:
    """This list's address with other choices."""
    query = {name: value for name, value in (asked | changed).items() if value}
    return f"{request.path}?{urlencode(query)}" if query else request.path


@blueprint.get("/thu-tuc/<code>")
def procedure(code: str) -> str:
    if not PROCEDURE_CODE.match(code):
        abort(404)
    found = call("GET", f"/procedures/{code}", token="").body
    return render_template(
        "procedure.html",
        it=found,
        event=event_of(found),
        limits=list({(time["unit"], time["amount"]): time for time in found["time_limits"]}.values()),
        documents=by_case(found.get("documents", [])),
        fees=sorted((fee | {"now": in_force(fee)} for fee in found["fees"]), key=lambda fee: not fee["now"]),
        hindered=form_entry.reason(found, viewer()),
        place="business" if found.get("audience") == ["business"] else "citizen",
    )


def event_of(found: Json) -> Json | None:
    events = catalogue.events.get() or []
    return next((event for event in events if event["slug"] == found.get("event")), None)


def by_case(documents: list[Json]) -> list[tuple[str, list[Json]]]:
    """Papers grouped by when they are asked for, in the catalogue's order; always asked ones come first."""
    groups: dict[str, list[Json]] = {"": []}
    for paper in documents:
        groups.setdefault(words.name(paper, "case"), []).append(paper)
    return [(case, papers) for case, papers in groups.items() if papers]


def in_force(fee: dict[str, Any], on: date | None = None) -> bool:
    """Does this fee count on that day (today in Viet Nam)?"""
    today = (on or datetime.now(VIETNAM).date()).isoformat()
    return str(fee.get("valid_from") or "") <= today <= str(fee.get("valid_to") or "9999")
