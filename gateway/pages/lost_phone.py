"""A lost phone: who one is, the code to a new phone in one's own name, a new password; then waiting."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.backend import Problem, call
from gateway.forms import digits, typed
from gateway.pages import captcha, methods
from gateway.pages.login import resend_at
from gateway.pages.register import fields, masked, missing, registration
from gateway.pages.register_code import told
from gateway.pages.register_password import wrong_password
from gateway.texts import t

blueprint = Blueprint("lost", __name__)
Page = str | tuple[str, int] | AnyResponse
PHONE = methods.by("citizen", id="phone") or {}
FIELDS = fields("citizen", PHONE)


@blueprint.route("/mat-dien-thoai", methods=["GET", "POST"])
def form() -> Page:
    if request.method == "GET":
        return form_page({})
    if faults := missing("citizen", PHONE):
        return form_page(faults), 422
    try:
        answer = call("POST", "/recoveries", registration("citizen", PHONE), token="")
    except Problem as refused:
        faults = refused.of(*FIELDS, "captcha")
        return form_page(faults, None if faults else refused.detail, used=True), refused.status
    session["recovery"] = {
        "id": answer.body["id"],
        "phone": masked(typed("phone")),
        "resend_at": resend_at(answer.body.get("resend_after")),
    }
    return redirect(url_for("lost.code"), 303)


def form_page(faults: dict[str, str], general: str | None = None, used: bool = False) -> str:
    ordered = {name: faults[name] for name in (*FIELDS, "captcha") if name in faults}
    asked = captcha.asked(used)
    return render_template("login/lost.html", faults=ordered, general=general, captcha=asked)


@blueprint.route("/mat-dien-thoai/ma", methods=["GET", "POST"])
def code() -> Page:
    if "recovery" not in session:
        return redirect(url_for("lost.form"), 303)
    if request.method == "GET":
        return code_page()
    given = digits("code")
    if len(given) != 6:
        return code_page(t("code.six")), 422
    try:
        call("POST", f"/registrations/{session['recovery']['id']}/confirmation", {"code": given}, token="")
    except Problem as refused:
        if refused.code in ("no-account", "assurance-too-low"):
            return code_page(known=refused.detail), refused.status
        if refused.code != "already-confirmed":
            return gone(refused) or (code_page(told(refused)), refused.status)
    return redirect(url_for("lost.password"), 303)


def code_page(fault: str | None = None, known: str | None = None) -> str:
    """`known` says why no code helps."""
    return render_template("login/lost_code.html", fault=fault, known=known, **session["recovery"])


@blueprint.post("/mat-dien-thoai/ma/gui-lai")
def resend() -> AnyResponse:
    if "recovery" not in session:
        return redirect(url_for("lost.form"), 303)
    state = session["recovery"]
    try:
        answer = call("POST", f"/registrations/{state['id']}/code", token="")
    except Problem as refused:
        if away := gone(refused):
            return away
        flash(told(refused), "wait")
    else:
        session["recovery"] = state | {"resend_at": resend_at(answer.body.get("resend_after"))}
        flash(t("code.again_sent"), "ok")
    return redirect(url_for("lost.code"), 303)


@blueprint.route("/mat-dien-thoai/mat-khau", methods=["GET", "POST"])
def password() -> Page:
    if "recovery" not in session:
        return redirect(url_for("lost.form"), 303)
    if request.method == "GET":
        return password_page({})
    if faults := wrong_password():
        return password_page(faults), 422
    path = f"/recoveries/{session['recovery']['id']}/password"
    try:
        answer = call("POST", path, {"password": request.form["password"]}, token="")
    except Problem as refused:
        if refused.code == "not-confirmed":
            return redirect(url_for("lost.code"), 303)
        faults = refused.of("password")
        page = password_page(faults, None if faults else refused.detail)
        return gone(refused) or (page, refused.status)
    del session["recovery"]
    session["recovering"] = answer.body["ends_at"]
    return redirect(url_for("lost.begun"), 303)


def password_page(faults: dict[str, str], general: str | None = None) -> str:
    back = url_for("lost.form")
    return render_template("login/new_password.html", faults=faults, general=general, back=back, lead="lost")


@blueprint.get("/mat-dien-thoai/da-nhan")
def begun() -> Page:
    ends_at = session.get("recovering")
    return render_template("login/lost_begun.html", ends_at=ends_at) if ends_at else redirect("/")


def gone(refused: Problem) -> AnyResponse | None:
    """It ran out: start again."""
    if refused.status != 404:
        return None
    session.pop("recovery", None)
    flash(refused.detail, "wait")
    return redirect(url_for("lost.form"), 303)
