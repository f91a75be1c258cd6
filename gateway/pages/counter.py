"""The counter of a post office: find by registration code, compare the card, confirm or refuse."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, flash, redirect, render_template, request, url_for

from gateway.backend import Problem, call, here
from gateway.forms import digits, typed
from gateway.pages.account_looks import POST
from gateway.pages.register import Page
from gateway.sessions import signed_in, viewer
from gateway.texts import load, t

blueprint = Blueprint("counter", __name__)
P = ParamSpec("P")
REASON = "counter.reason."
SAID_AT_THE_CODE = (404, 422, 429)
"""No such code, no code at all, too many that were none."""


def for_clerks(page: Callable[P, Page]) -> Callable[P, Page]:
    @signed_in("official")
    @wraps(page)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Page:
        who = viewer()
        if who is None or not who.clerk:
            raise Problem(403, "other-account", "")
        try:
            return page(*args, **kwargs)
        except Problem as refused:
            if refused.status not in SAID_AT_THE_CODE:
                raise
            said = next(iter(refused.of("registration_code").values()), refused.detail)
            return find_page(said), refused.status

    return guarded


@blueprint.get("/buu-cuc")
@for_clerks
def find() -> Page:
    return find_page()


@blueprint.post("/buu-cuc")
@for_clerks
def look() -> Page:
    """In the answer itself: the code is never part of an address."""
    return visit_page()


@blueprint.route("/buu-cuc/cap-ma", methods=["GET", "POST"])
@for_clerks
def check() -> Page:
    """The card was compared: the one-time code, on a page that is printed and shown this once."""
    if request.method == "GET":
        return redirect(url_for("counter.find"))
    if request.form.get("compared") != "yes":
        return visit_page({"compared": t("counter.visit.compare_first")}), 422
    body = {"registration_code": typed("registration_code"), "again": bool(request.form.get("again"))}
    try:
        given = call("POST", "/counter/visits/checked", body).body
    except Problem as refused:
        return decided(refused)
    return render_template("counter/code.html", it=given, office=office(), address=here().settings.public_url)


@blueprint.route("/buu-cuc/tu-choi", methods=["GET", "POST"])
@for_clerks
def refuse() -> Page:
    if request.method == "GET":
        return redirect(url_for("counter.find"))
    reason = request.form.get("reason", "")
    if f"{REASON}{reason}" not in load("vi"):
        return visit_page({"reason": t("counter.visit.reason_missing")}), 422
    body = {"registration_code": typed("registration_code"), "reason": reason}
    try:
        call("POST", "/counter/visits/refused", body)
    except Problem as refused:
        return decided(refused)
    flash(t("counter.find.refused"))
    return redirect(url_for("counter.find"), 303)


def decided(refused: Problem) -> Page:
    """Somebody was quicker: what is known now is shown, with what was said."""
    if refused.status != 409:
        raise refused
    return visit_page(alert=refused.detail), 409


def visit_page(faults: dict[str, str] | None = None, alert: str = "") -> str:
    """Problem when nothing waits under that code. Each time it is shown is a look, and recorded."""
    found = call("POST", "/counter/visits", {"registration_code": typed("registration_code")}).body
    reasons = [(key.removeprefix(REASON), t(key)) for key in load("vi") if key.startswith(REASON)]
    return render_template(
        "counter/visit.html",
        it=found,
        code=digits("registration_code"),
        faults=faults or {},
        alert=alert,
        reasons=reasons,
        office=office(),
    )


def find_page(fault: str = "") -> str:
    return render_template(
        "counter/find.html", fault=fault, typed=typed("registration_code"), office=office()
    )


def office() -> str:
    who = viewer()
    return t("counter.office", code=((who and who.agency) or "").removeprefix(POST))
