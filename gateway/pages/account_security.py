"""Where one is logged in, and what waits to happen to the account."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import sessions
from gateway.backend import Problem, call
from gateway.sessions import signed_in
from gateway.texts import t

blueprint = Blueprint("security", __name__)
PURPOSES = ("recovery", "closing")


@blueprint.get("/tai-khoan/bao-mat")
@signed_in()
def home() -> str:
    who = sessions.viewer()
    return render_template(
        "account/security.html",
        account=call("GET", "/account").body,
        devices=call("GET", "/account/sessions").body["items"],
        coolings=call("GET", "/account/cooling-offs").body["items"],
        applicant=who is not None and who.kind in ("citizen", "business"),
        back=who.home[1] if who else "/",
    )


@blueprint.post("/tai-khoan/bao-mat/phien/<uuid:id>")
@signed_in()
def end(id: UUID) -> AnyResponse:
    """One that is over already is as good as ended."""
    try:
        call("DELETE", f"/account/sessions/{id}")
    except Problem as refused:
        if refused.status != 404:
            raise
    flash(t("security.ended"))
    return redirect(url_for("security.home"), 303)


@blueprint.post("/tai-khoan/bao-mat/dang-xuat-het")
@signed_in()
def log_out_everywhere() -> AnyResponse:
    call("DELETE", "/account/sessions")
    sessions.forget()
    return redirect(url_for("login.out"), 303)


@blueprint.post("/tai-khoan/bao-mat/dung/<purpose>")
@signed_in()
def stop(purpose: str) -> AnyResponse:
    if purpose not in PURPOSES:
        abort(404)
    try:
        call("DELETE", f"/account/cooling-offs/{purpose}")
        flash(t(f"security.stopped_{purpose}"))
    except Problem as refused:
        if refused.status != 404:
            raise
        flash(refused.detail)
    return redirect(url_for("security.home"), 303)
