"""Registration: the code that confirms it, and what is said when it ran out."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.backend import Problem, call
from gateway.forms import digits
from gateway.pages.login import resend_at
from gateway.pages.register import Page
from gateway.texts import t

blueprint = Blueprint("register_code", __name__)


@blueprint.route("/dang-ky/ma", methods=["GET", "POST"])
def code() -> Page:
    if "registration" not in session:
        return redirect(url_for("register.who"))
    if request.method == "GET":
        return code_page()
    given = digits("code")
    return confirm(given) if len(given) == 6 else (code_page(t("code.six")), 422)


def confirm(given: str) -> Page:
    path = f"/registrations/{session['registration']['id']}/confirmation"
    try:
        call("POST", path, {"code": given}, token="")
    except Problem as refused:
        if refused.code == "already-confirmed":
            return redirect(url_for("register_password.password"))
        if refused.code == "already-registered":
            return code_page(known=refused.detail), 409
        if refused.code == "refused":
            return redirect(url_for("register_counter.slip"))
        return gone() if refused.status == 404 else (code_page(told(refused)), refused.status)
    return redirect(url_for("register_password.password"))


def told(refused: Problem) -> str:
    return next(iter(refused.of().values()), refused.detail)


def gone() -> AnyResponse:
    """The registration ran out: say so, and start again."""
    session.pop("registration", None)
    return redirect(url_for("register_code.ran_out"), 303)


@blueprint.get("/dang-ky/het-han")
def ran_out() -> str:
    return render_template("register/gone.html")


def code_page(fault: str | None = None, known: str | None = None) -> str:
    """`known` says that this person has an account: no code helps, but logging in."""
    return render_template("register/code.html", fault=fault, known=known, it=session["registration"])


@blueprint.get("/dang-ky/ma/gui-lai")
def resent() -> AnyResponse:
    """Where a reload leads when asking for the code again ended in an error page."""
    return redirect(url_for("register_code.code"))


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
    return redirect(url_for("register_code.code"), 303)
