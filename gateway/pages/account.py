"""What a person sees of their own: the three doors, the list, one dossier, asking for it back."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from gateway.backend import Answer, Json, Late, Problem, call
from gateway.pages import form_check
from gateway.pages.account_files import fetched
from gateway.pages.account_shown import closed_words, due_state, due_words, timeline
from gateway.pages.form import Page
from gateway.pages.form_drafts import checked, for_applicants
from gateway.pages.form_steps import Form
from gateway.pages.tracking import kind
from gateway.texts import t
from gateway.words import name
from vocabulary.codes import parse_dossier_code
from vocabulary.refusals import Refusal

blueprint = Blueprint("account", __name__)
FILTERS = ("", "in-progress", "waiting-for-you", "completed", "closed", "draft")
DRAFTS_AT_ONCE = 3
LONGEST_REASON = 2000


@blueprint.app_template_filter("size")
def size(count: int) -> str:
    """1,4 MB; Vietnamese writes the comma."""
    if count < 1024 * 1024:
        return f"{max(1, round(count / 1024))} kB"
    return f"{count / 1024 / 1024:.1f} MB".replace(".", ",")


@blueprint.app_template_filter("grouped4")
def grouped4(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@blueprint.app_context_processor
def words_of_dossiers() -> dict[str, Any]:
    return {"due_words": due_words, "closed_words": closed_words, "due_state": due_state, "kind_of": kind}


@blueprint.get("/tai-khoan")
@for_applicants
def home() -> Page:
    typed = request.args.get("ma", "").strip()
    return find(typed) if typed else home_page()


def find(typed: str) -> Page:
    """To the dossier with that code, or back with what is wrong about it."""
    try:
        code = str(parse_dossier_code(typed.replace(" ", "")))
        call("GET", f"/dossiers/{code}")
    except Refusal:
        return home_page(typed, t("account.home.find_bad")), 422
    except Problem as refused:
        if refused.status != 404:
            raise
        return home_page(typed, t("account.home.find_none", code=code)), 404
    return redirect(url_for("account.dossier", code=code))


def home_page(typed: str = "", wrong: str = "") -> str:
    chosen = request.args.get("loc", "")
    state = chosen if chosen in FILTERS else ""
    found = listed(state or "submitted", request.args.get("cursor"))
    return render_template(
        "account/home.html",
        summary=call("GET", "/dossiers/summary").body,
        drafts=[] if state == "draft" else listed("draft", limit=DRAFTS_AT_ONCE)["items"],
        items=found["items"],
        onward=found.get("next_cursor"),
        state=state,
        states=FILTERS,
        typed=typed,
        wrong=wrong,
        account=call("GET", "/account").body,
    )


def listed(state: str, cursor: str | None = None, limit: int | None = None) -> Json:
    return call("GET", "/dossiers", query={"state": state, "cursor": cursor, "limit": limit}).body


@blueprint.get("/ho-so/<code>")
@for_applicants
def dossier(code: str) -> Page:
    found = own(code).body
    chosen = found["procedure"]
    procedure = call("GET", f"/procedures/{chosen['code']}", query={"version": chosen["version"]}).body
    form = Form.of(procedure["form"])
    answers = found["form"]
    return render_template(
        "account/dossier.html",
        it=found,
        rows=timeline(found, t("account.dossier.by_you")),
        rated=bool(found["closed"]) and has_rated(found["code"]),
        reason=next((each["reason"] for each in reversed(found["history"]) if each.get("reason")), ""),
        parts_of_form=[(step, form_check.rows(step, form, answers)) for step in form.walk(answers)],
        papers={each["id"]: name(each) for each in procedure["documents"]},
    )


def has_rated(code: str) -> bool:
    """Whether this person has rated it; when that cannot be told now, they may try."""
    try:
        call("GET", f"/ratings/{code}")
    except (Problem, Late):
        return False
    return True


def own(code: str) -> Answer:
    """Problem 404 for a code that cannot be, or is not this person's."""
    return call("GET", f"/dossiers/{checked(code)}")


@blueprint.get("/ho-so/<code>/tep/<uuid:file>")
@for_applicants
def paper(code: str, file: Any) -> Page:
    return fetched(f"/dossiers/{checked(code)}/files/{file}")


@blueprint.route("/ho-so/<code>/rut", methods=["GET", "POST"])
@for_applicants
def withdraw(code: str) -> Page:
    found = own(code).body
    if "withdraw" not in found["actions"]:
        flash(t("account.withdraw.too_late"))
        return redirect(url_for("account.dossier", code=code), 303)
    reason = request.form.get("reason", "").strip()
    if request.method == "GET":
        return render_template("account/withdraw.html", it=found, reason="", wrong="")
    if len(reason) > LONGEST_REASON:
        wrong = t("account.rating.too_long", limit=LONGEST_REASON)
        return render_template("account/withdraw.html", it=found, reason=reason, wrong=wrong), 422
    call("POST", f"/dossiers/{found['code']}/withdrawal", {"reason": reason or None})
    flash(t("account.withdraw.done", code=code))
    return redirect(url_for("account.dossier", code=code), 303)
