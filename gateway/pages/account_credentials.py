"""Changing password, e-mail and phone: each with the password again."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.backend import Json, Problem, call
from gateway.forms import digits, typed
from gateway.pages.login import resend_at
from gateway.pages.register import masked
from gateway.pages.register_code import told
from gateway.pages.register_password import wrong_password
from gateway.sessions import signed_in
from gateway.texts import t

blueprint = Blueprint("credentials", __name__)
Page = str | tuple[str, int] | AnyResponse
FIELDS = ("current_password", "password", "email", "phone")


@blueprint.route("/tai-khoan/bao-mat/mat-khau", methods=["GET", "POST"])
@signed_in()
def password() -> Page:
    if request.method == "GET":
        return render_template("account/password.html", faults={}, general=None)
    faults = wrong_password() | again_missing()
    if not faults:
        body = again() | {"password": request.form["password"]}
        faults, general, status = sent("PUT", "/account/password", body)
        if status == 204:
            return changed("password")
        return render_template("account/password.html", faults=faults, general=general), status
    return render_template("account/password.html", faults=faults, general=None), 422


@blueprint.route("/tai-khoan/bao-mat/thu-dien-tu", methods=["GET", "POST"])
@signed_in()
def email() -> Page:
    if request.method == "GET":
        return email_page({}, None, call("GET", "/account").body.get("email") or "")
    if faults := again_missing():
        return email_page(faults, None, typed("email")), 422
    faults, general, status = sent("PUT", "/account/email", again() | {"email": typed("email") or None})
    return changed("email") if status == 204 else (email_page(faults, general, typed("email")), status)


def email_page(faults: dict[str, str], general: str | None, value: str) -> str:
    return render_template("account/email.html", faults=faults, general=general, value=value)


@blueprint.route("/tai-khoan/bao-mat/dien-thoai", methods=["GET", "POST"])
@signed_in("citizen", "business")
def phone() -> Page:
    if request.method == "GET":
        return render_template("account/phone.html", faults={}, general=None)
    faults = ({} if typed("phone") else {"phone": t("security.phone.missing")}) | again_missing()
    if faults:
        return render_template("account/phone.html", faults=faults, general=None), 422
    try:
        answer = call("POST", "/account/phone", again() | {"phone": typed("phone")})
    except Problem as refused:
        faults, general = beside(refused)
        return render_template("account/phone.html", faults=faults, general=general), refused.status
    session["phone-change"] = {
        "id": answer.body["id"],
        "phone": masked(typed("phone")),
        "resend_at": resend_at(answer.body.get("resend_after")),
    }
    return redirect(url_for("credentials.phone_code"), 303)


@blueprint.route("/tai-khoan/bao-mat/dien-thoai/ma", methods=["GET", "POST"])
@signed_in("citizen", "business")
def phone_code() -> Page:
    if "phone-change" not in session:
        return redirect(url_for("credentials.phone"), 303)
    if request.method == "GET":
        return phone_code_page()
    given = digits("code")
    if len(given) != 6:
        return phone_code_page(t("code.six")), 422
    try:
        call("POST", f"/account/phone/{session['phone-change']['id']}/confirmation", {"code": given})
    except Problem as refused:
        return phone_gone(refused) or (phone_code_page(told(refused)), refused.status)
    del session["phone-change"]
    return changed("phone")


@blueprint.post("/tai-khoan/bao-mat/dien-thoai/ma/gui-lai")
@signed_in("citizen", "business")
def phone_again() -> AnyResponse:
    if "phone-change" not in session:
        return redirect(url_for("credentials.phone"), 303)
    state = session["phone-change"]
    try:
        answer = call("POST", f"/account/phone/{state['id']}/code")
    except Problem as refused:
        if gone := phone_gone(refused):
            return gone
        flash(told(refused), "wait")
    else:
        session["phone-change"] = state | {"resend_at": resend_at(answer.body.get("resend_after"))}
        flash(t("code.again_sent"), "ok")
    return redirect(url_for("credentials.phone_code"), 303)


def phone_code_page(fault: str | None = None) -> str:
    return render_template("account/phone_code.html", fault=fault, **session["phone-change"])


def phone_gone(refused: Problem) -> AnyResponse | None:
    if refused.status != 404:
        return None
    session.pop("phone-change", None)
    flash(refused.detail, "wait")
    return redirect(url_for("credentials.phone"), 303)


def again() -> Json:
    return {"current_password": request.form.get("current_password", "")}


def again_missing() -> dict[str, str]:
    return {} if request.form.get("current_password") else {"current_password": t("security.again_missing")}


def sent(method: str, path: str, body: Json) -> tuple[dict[str, str], str | None, int]:
    """What is wrong beside fields, what is wrong beside none, and the status."""
    try:
        return {}, None, call(method, path, body).status
    except Problem as refused:
        return *beside(refused), refused.status


def beside(refused: Problem) -> tuple[dict[str, str], str | None]:
    faults = refused.of(*FIELDS)
    return faults, None if faults else refused.detail


def changed(what: str) -> AnyResponse:
    flash(t(f"security.changed_{what}"))
    return redirect(url_for("security.home"), 303)
