"""Mandates: who may act for me, for whom I may act, and acting."""

from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from gateway import sessions
from gateway.backend import Problem, call
from gateway.forms import parse_date, typed
from gateway.pages.form import Page
from gateway.sessions import signed_in, viewer
from gateway.texts import t
from vocabulary.calendar import VIETNAM

blueprint = Blueprint("mandates", __name__)
DEEDS = ("prepare", "submit", "follow", "receive")
FIELDS = ("to", "deeds", "procedures", "expires_at")
KINDS = {"offered": "wait", "active": "ok", "ended": "info"}


@blueprint.get("/tai-khoan/uy-quyen")
@signed_in("citizen", "business")
def show() -> Page:
    """Whoever acts for somebody sees that person's dossiers, not their mandates."""
    who = viewer()
    if who and who.acting_for is not None:
        return redirect(url_for("account.home"))
    return page({})


@blueprint.post("/tai-khoan/uy-quyen")
@signed_in("citizen", "business")
def give() -> Page:
    faults = missing()
    if faults:
        return page(faults), 422
    try:
        call("POST", "/mandates", filled(), headers={"Idempotency-Key": typed("key") or str(uuid4())})
    except Problem as refused:
        if refused.status not in (422, 429):
            raise
        faults = refused.of(*FIELDS)
        return page(faults, None if faults else refused.detail), refused.status
    flash(t("mandates.given"))
    return redirect(url_for("mandates.show"), 303)


@blueprint.post("/tai-khoan/uy-quyen/<uuid:id>/<deed>")
@signed_in("citizen", "business")
def do(id: UUID, deed: str) -> Page:
    """Accept, end, or act by it."""
    if deed not in ("nhan", "cham-dut", "lam-thay"):
        abort(404)
    try:
        if deed == "lam-thay":
            tokens = call("POST", "/sessions/current/mandate", {"mandate": str(id)}).body
            sessions.act(tokens["access_token"], tokens["expires_in"])
            return redirect(url_for("account.home"), 303)
        call(*(("POST", f"/mandates/{id}/acceptance") if deed == "nhan" else ("DELETE", f"/mandates/{id}")))
    except Problem as refused:
        if refused.status != 409:
            raise
        return page({}, refused.detail), 409
    flash(t(f"mandates.done.{deed}"))
    return redirect(url_for("mandates.show"), 303)


@blueprint.post("/tai-khoan/uy-quyen/thoi")
@signed_in("citizen", "business")
def stop() -> Page:
    """Be oneself again."""
    tokens = call("DELETE", "/sessions/current/mandate").body
    sessions.act(tokens["access_token"], tokens["expires_in"])
    return redirect(url_for("mandates.show"), 303)


def filled() -> dict[str, Any]:
    ends = parse_date(typed("expires_at")) or ""
    body: dict[str, Any] = {"to": typed("to"), "deeds": request.form.getlist("deeds")}
    if codes := typed("procedures").replace(",", " ").split():
        body["procedures"] = codes
    moment = datetime.combine(datetime.fromisoformat(ends), time(23, 59), VIETNAM)
    return body | {"expires_at": moment.isoformat()}


def missing() -> dict[str, str]:
    faults = {} if typed("to") else {"to": t("mandates.missing.to")}
    if not request.form.getlist("deeds"):
        faults["deeds"] = t("mandates.missing.deeds")
    if parse_date(typed("expires_at")) is None:
        faults["expires_at"] = t("mandates.missing.expires_at")
    return faults


def page(faults: dict[str, str], general: str | None = None) -> str:
    found = call("GET", "/mandates").body
    return render_template(
        "mandates/list.html",
        given=found["given"],
        received=found["received"],
        errors={name: faults[name] for name in FIELDS if name in faults},
        general=general,
        typed=request.form,
        deeds=DEEDS,
        kinds=KINDS,
        key=request.form.get("key") or uuid4(),
    )
