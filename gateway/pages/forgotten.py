"""A forgotten password: who one is, the code, a new password."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.backend import Problem, call
from gateway.forms import digits, parse_date, typed
from gateway.pages import captcha
from gateway.pages.register_code import told
from gateway.pages.register_password import wrong_password
from gateway.texts import t

blueprint = Blueprint("forgotten", __name__)
Page = str | tuple[str, int] | AnyResponse
FIELDS = ("login", "full_name", "date_of_birth")


@blueprint.route("/quen-mat-khau", methods=["GET", "POST"])
def form() -> Page:
    if request.method == "GET":
        return form_page({})
    if faults := missing():
        return form_page(faults), 422
    body = {name: typed(name) for name in FIELDS} | {"captcha": captcha.answer()}
    try:
        answer = call(
            "POST",
            "/password-resets",
            body | {"date_of_birth": parse_date(typed("date_of_birth"))},
            token="",
        )
    except Problem as refused:
        faults = refused.of(*FIELDS, "captcha")
        return form_page(faults, None if faults else refused.detail, used=True), refused.status
    session["reset"] = {"id": answer.body["id"]}
    return redirect(url_for("forgotten.code"), 303)


def missing() -> dict[str, str]:
    faults = {name: t(f"recovery.missing.{name}") for name in FIELDS if not typed(name)}
    if typed("date_of_birth") and parse_date(typed("date_of_birth")) is None:
        faults["date_of_birth"] = t("recovery.missing.date_of_birth")
    return faults | ({"captcha": t("captcha.missing")} if captcha.missing() else {})


def form_page(faults: dict[str, str], general: str | None = None, used: bool = False) -> str:
    asked = captcha.asked(used)
    return render_template("login/forgotten.html", faults=faults, general=general, captcha=asked)


@blueprint.route("/quen-mat-khau/ma", methods=["GET", "POST"])
def code() -> Page:
    if "reset" not in session:
        return redirect(url_for("forgotten.form"), 303)
    if request.method == "GET":
        return code_page()
    given = digits("code")
    if len(given) != 6:
        return code_page(t("code.six")), 422
    try:
        call("POST", f"/password-resets/{session['reset']['id']}/confirmation", {"code": given}, token="")
    except Problem as refused:
        return gone(refused) or (code_page(told(refused)), refused.status)
    return redirect(url_for("forgotten.password"), 303)


def code_page(fault: str | None = None) -> str:
    return render_template("login/forgotten_code.html", fault=fault)


@blueprint.route("/quen-mat-khau/mat-khau", methods=["GET", "POST"])
def password() -> Page:
    if "reset" not in session:
        return redirect(url_for("forgotten.form"), 303)
    if request.method == "GET":
        return password_page({})
    if faults := wrong_password():
        return password_page(faults), 422
    path = f"/password-resets/{session['reset']['id']}/password"
    try:
        call("POST", path, {"password": request.form["password"]}, token="")
    except Problem as refused:
        if refused.code == "not-confirmed":
            return redirect(url_for("forgotten.code"), 303)
        faults = refused.of("password")
        page = password_page(faults, None if faults else refused.detail)
        return gone(refused) or (page, refused.status)
    del session["reset"]
    return redirect(url_for("login.form", ended="password"), 303)


def password_page(faults: dict[str, str], general: str | None = None) -> str:
    back = url_for("forgotten.form")
    return render_template("login/new_password.html", faults=faults, general=general, back=back, lead="reset")


def gone(refused: Problem) -> AnyResponse | None:
    """It ran out: start again."""
    if refused.status != 404:
        return None
    session.pop("reset", None)
    flash(refused.detail, "wait")
    return redirect(url_for("forgotten.form"), 303)
