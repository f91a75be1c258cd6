"""Registration: the password, and done."""

from flask import Blueprint, redirect, render_template, request, session, url_for

from gateway.backend import Problem, call
from gateway.pages.register import Page
from gateway.pages.register_code import gone
from gateway.texts import t

blueprint = Blueprint("register_password", __name__)


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
    registration = session["registration"]
    path = f"/registrations/{registration['id']}/account"
    try:
        answer = call("POST", path, {"password": request.form["password"]}, token="")
    except Problem as refused:
        if refused.code == "not-confirmed":
            return redirect(url_for("register_code.code"))
        if refused.status == 404:
            return gone()
        faults = refused.of("password")
        return password_page(faults, None if faults else refused.detail), refused.status
    del session["registration"]
    session["registered"] = {"level": answer.body["assurance"], "kind": registration["kind"]}
    return redirect(url_for("register_password.done"))


def password_page(faults: dict[str, str], general: str | None = None) -> str:
    return render_template("register/password.html", faults=faults, general=general)


@blueprint.get("/dang-ky/xong")
def done() -> Page:
    registered = session.pop("registered", None)
    if registered is None:
        return redirect(url_for("login.form"))
    return render_template("register/done.html", **registered)
