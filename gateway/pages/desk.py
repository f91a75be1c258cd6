"""The desk of an agency's officials: the queue, and one dossier with everything needed to decide it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request

from gateway.backend import Json, call
from gateway.pages import catalogue, form_check
from gateway.pages.account_files import fetched
from gateway.pages.account_shown import due_of, timeline
from gateway.pages.form import Page
from gateway.pages.form_drafts import checked
from gateway.pages.form_steps import Form
from gateway.sessions import signed_in, viewer
from gateway.texts import t
from gateway.words import name

blueprint = Blueprint("desk", __name__)
STATUSES = range(1, 11)


@blueprint.get("/can-bo")
@signed_in("official")
def queue() -> Page:
    """The dossiers; who only administers accounts goes where they may."""
    who = viewer()
    if who and who.roles == {"administrator"}:
        return redirect(who.home[1])
    status, overdue = chosen_status(), bool(request.args.get("qua-han"))
    query = {"status": status, "overdue": "true" if overdue else None, "cursor": request.args.get("cursor")}
    found = call("GET", "/desk/dossiers", query=query).body
    return render_template(
        "desk/queue.html",
        office=office(),
        rows=[(each, clock_of(each)) for each in found["items"]],
        onward=found.get("next_cursor"),
        status=status,
        overdue=overdue,
        statuses=[(str(code), t(f"desk.status.s{code}")) for code in STATUSES],
    )


def office() -> str:
    """What the official's agency is called; its code while the catalogue does not say."""
    who = viewer()
    code = (who and who.agency) or ""
    return name(catalogue.agency(code)) or t("desk.queue.agency", agency=code)


def chosen_status() -> str:
    """The status filtered by, "" for all that are open."""
    status = request.args.get("trang-thai", "")
    return status if status in [str(code) for code in STATUSES] else ""


def clock_of(dossier: Json) -> dict[str, Any]:
    """The time bar: `gone` in per cent, with the word, colour and shape that say the same."""
    found = due_of(dossier)
    if found is None:
        return {"state": "paused", "gone": 0, "kind": "info", "word": t("desk.queue.paused_tag")}
    due = found[1]
    kind = "stop" if due.state == "late" else "wait" if due.pressing else "ok"
    word = t(f"desk.queue.{due.state}_tag")
    return {"state": due.state, "gone": round(due.gone * 100), "kind": kind, "word": word}


@blueprint.get("/can-bo/ho-so/<code>")
@signed_in("official")
def dossier(code: str) -> Page:
    return dossier_page(code)


def dossier_page(code: str, alert: str = "") -> str:
    """The newest state, with its version in the decision box."""
    answer = call("GET", f"/desk/dossiers/{checked(code)}")
    found = answer.body
    form = Form.of({"schema": {}, "layout": found["layout"]})
    return render_template(
        "desk/dossier.html",
        it=found,
        clock=clock_of(found),
        version=answer.etag,
        parts_of_form=[
            (step, form_check.rows(step, form, found["form"])) for step in form.walk(found["form"])
        ],
        papers={each["id"]: name(each) for each in found["documents"]},
        rows=timeline(found, t("desk.dossier.by_applicant")),
        alert=alert,
    )


@blueprint.get("/can-bo/ho-so/<code>/tep/<uuid:file>")
@signed_in("official")
def paper(code: str, file: UUID) -> Page:
    return fetched(f"/desk/dossiers/{checked(code)}/files/{file}")
