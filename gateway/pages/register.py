"""Registration, one question group per page: who, how, the form, the code, the password, done."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.backend import Json, Problem, call
from gateway.forms import parse_date, typed
from gateway.pages import captcha
from gateway.pages.login import resend_at
from gateway.pages.methods import METHODS
from gateway.texts import t
from vocabulary.people import mask_phone, parse_phone
from vocabulary.refusals import Refusal

blueprint = Blueprint("register", __name__)
Page = str | tuple[str, int] | AnyResponse
FIELDS = ("full_name", "id_number", "date_of_birth", "phone", "email")
NEEDED = ("full_name", "id_number", "date_of_birth", "phone")


@blueprint.get("/dang-ky")
def who() -> str:
    return render_template("register/who.html")


@blueprint.get("/dang-ky/cong-dan", defaults={"kind": "citizen"})
@blueprint.get("/dang-ky/doanh-nghiep", defaults={"kind": "business"})
def how(kind: str) -> str:
    methods = [method for method in METHODS if kind in method["kinds"]]
    return render_template("register/how.html", kind=kind, methods=methods)


@blueprint.get("/dang-ky/<any('cong-dan', 'doanh-nghiep'):place>/sap-co/<method>")
def not_yet(place: str, method: str) -> str:
    """What a method that is not open yet will need, and what to do until then."""
    kind = "business" if place == "doanh-nghiep" else "citizen"
    found = next((m for m in METHODS if m["id"] == method and kind in m["kinds"]), None)
    if found is None:
        abort(404)
    return render_template("register/not_yet.html", kind=kind, method=found, place=place)


@blueprint.get("/dang-ky/cong-dan/dien-thoai")
def form() -> str:
    return form_page({})


@blueprint.post("/dang-ky/cong-dan/dien-thoai")
def send() -> Page:
    faults = missing()
    if faults:
        return form_page(faults), 422
    try:
        answer = call("POST", "/registrations", registration(), token="")
    except Problem as refused:
        return refused_form(refused)
    session["registration"] = {
        "id": answer.body["id"],
        "resend_at": resend_at(answer.body.get("resend_after")),
        "phone": masked(typed("phone")),
    }
    return redirect(url_for("register.code"))


def registration() -> Json:
    person = {name: typed(name) for name in FIELDS if typed(name)}
    person["date_of_birth"] = parse_date(typed("date_of_birth")) or ""
    return {"kind": "citizen", "method": "phone", "captcha": captcha.answer(), "person": person}


def missing() -> dict[str, str]:
    faults = {name: t(f"register.missing.{name}") for name in NEEDED if not typed(name)}
    if typed("date_of_birth") and parse_date(typed("date_of_birth")) is None:
        faults["date_of_birth"] = t("register.missing.date_of_birth")
    if captcha.missing():
        faults["captcha"] = t("captcha.missing")
    return faults


def masked(phone: str) -> str:
    try:
        return mask_phone(parse_phone(phone))
    except Refusal:
        return ""


def refused_form(refused: Problem) -> Page:
    faults = refused.of(*FIELDS, "captcha")
    return form_page(faults, None if faults else refused.detail, used=True), refused.status


def form_page(faults: dict[str, str], general: str | None = None, used: bool = False) -> str:
    ordered = {name: faults[name] for name in (*FIELDS, "captcha") if name in faults}
    return render_template("register/form.html", faults=ordered, general=general, captcha=captcha.asked(used))


@blueprint.route("/dang-ky/ma", methods=["GET", "POST"])
def code() -> Page:
    if "registration" not in session:
        return redirect(url_for("register.who"))
    if request.method == "GET":
        return code_page()
    digits = "".join(letter for letter in typed("code") if letter.isdigit())
    return confirm(digits) if len(digits) == 6 else (code_page(t("code.six")), 422)


def confirm(digits: str) -> Page:
    try:
        call(
            "POST", f"/registrations/{session['registration']['id']}/confirmation", {"code": digits}, token=""
        )
    except Problem as refused:
        if refused.code == "already-confirmed":
            return redirect(url_for("register.password"))
        if refused.code == "already-registered":
            return code_page(known=refused.detail), 409
        return gone() if refused.status == 404 else (code_page(told(refused)), refused.status)
    return redirect(url_for("register.password"))


def told(refused: Problem) -> str:
    return next(iter(refused.of().values()), refused.detail)


def gone() -> AnyResponse:
    """The registration ran out: say so, and start again."""
    session.pop("registration", None)
    return redirect(url_for("register.ran_out"), 303)


@blueprint.get("/dang-ky/het-han")
def ran_out() -> str:
    return render_template("register/gone.html")


def code_page(fault: str | None = None, known: str | None = None) -> str:
    """`known` says that this person has an account: no code helps, but logging in."""
    return render_template("register/code.html", fault=fault, known=known, **session["registration"])


@blueprint.get("/dang-ky/ma/gui-lai")
def resent() -> AnyResponse:
    """Where a reload leads when asking for the code again ended in an error page."""
    return redirect(url_for("register.code"))


@blueprint.post("/dang-ky/ma/gui-lai")
def resend() -> AnyResponse:
    if "registration" not in session:
        return redirect(url_for("register.who"), 303)
    state = session["registration"]
    try:
        answer = call("POST", f"/registrations/{state['id']}/code", token="")
    except Problem as refused:
        if refused.status == 404:
            return gone()
        flash(told(refused), "wait")
    else:
        session["registration"] = state | {"resend_at": resend_at(answer.body.get("resend_after"))}
        flash(t("code.again_sent"), "ok")
    return redirect(url_for("register.code"), 303)


@blueprint.route("/dang-ky/mat-khau", methods=["GET", "POST"])
def password() -> Page:
    if "registration" not in session:
        return redirect(url_for("register.who"))
    if request.method == "GET":
        return password_page({})
    faults = wrong_password()
    return (password_page(faults), 422) if faults else set_password()


def wrong_password() -> dict[str, str]:
    chosen, again = request.form.get("password", ""), request.form.get("again", "")
    if len(chosen) < 8:
        return {"password": t("register.password.short")}
    return {} if chosen == again else {"again": t("register.password.different")}


def set_password() -> Page:
    path = f"/registrations/{session['registration']['id']}/account"
    try:
        answer = call("POST", path, {"password": request.form["password"]}, token="")
    except Problem as refused:
        if refused.code == "not-confirmed":
            return redirect(url_for("register.code"))
        if refused.status == 404:
            return gone()
        faults = refused.of("password")
        return password_page(faults, None if faults else refused.detail), refused.status
    del session["registration"]
    session["registered"] = answer.body["assurance"]
    return redirect(url_for("register.done"))


def password_page(faults: dict[str, str], general: str | None = None) -> str:
    return render_template("register/password.html", faults=faults, general=general)


@blueprint.get("/dang-ky/xong")
def done() -> Page:
    level = session.pop("registered", None)
    if level is None:
        return redirect(url_for("login.form"))
    return render_template("register/done.html", level=level)
