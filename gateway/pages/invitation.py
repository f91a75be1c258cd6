"""Whoever was invited to an agency's desk opens the link and sets a password."""

from flask import Blueprint, redirect, render_template, request, session, url_for

from gateway.backend import Json, Problem, call
from gateway.pages import catalogue
from gateway.pages.form import Page
from gateway.pages.register_password import wrong_password
from gateway.words import name

blueprint = Blueprint("invitation", __name__)
ENDED = 404


@blueprint.get("/loi-moi")
def show() -> Page:
    return page(request.args.get("ma", ""), {})


@blueprint.post("/loi-moi")
def accept() -> Page:
    token = request.form.get("ma", "")
    faults = wrong_password()
    if faults:
        return page(token, faults, status=422)
    body = {"token": token, "password": request.form["password"]}
    try:
        made = call("POST", "/invitations/acceptance", body, token="").body
    except Problem as refused:
        if refused.status == ENDED:
            return gone()
        if refused.status not in (409, 422):
            raise
        faults = refused.of("password")
        return page(token, faults, None if faults else refused.detail, refused.status)
    session["invited"] = made["login"]
    return redirect(url_for("invitation.done"), 303)


@blueprint.get("/loi-moi/xong")
def done() -> Page:
    login = session.pop("invited", None)
    if login is None:
        return redirect(url_for("login.form"))
    return render_template("invitation/done.html", login=login)


def page(token: str, faults: dict[str, str], general: str | None = None, status: int = 200) -> Page:
    try:
        found = invited(token)
    except Problem as refused:
        if refused.status not in (ENDED, 422):
            raise
        return gone()
    office = name(catalogue.agency(found["agency"])) or found["agency"]
    return render_template(
        "invitation/open.html", it=found, office=office, token=token, faults=faults, general=general
    ), status


def invited(token: str) -> Json:
    return call("POST", "/invitations/details", {"token": token}, token="").body


def gone() -> Page:
    return render_template("invitation/gone.html"), ENDED
