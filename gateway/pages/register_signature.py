"""Registration by a digital signature: with a token by download and upload, with a SIM on the phone."""

from flask import Blueprint, Response, flash, redirect, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.backend import Json, Problem, call
from gateway.pages import signing
from gateway.pages.register import Page
from gateway.pages.register_code import gone, told

blueprint = Blueprint("register_signature", __name__)
ADDRESS = "/dang-ky/ky-so"
STEPS = (4, 5)


@blueprint.get(ADDRESS)
def sign() -> Page:
    """Looking at it is what asks the phone."""
    found = waiting()
    return sign_page(found) if isinstance(found, dict) else found


@blueprint.get(f"{ADDRESS}/thu-thach")
def challenge() -> Response | Page:
    found = waiting()
    return signing.challenge_file(found) if isinstance(found, dict) else found


@blueprint.post(ADDRESS)
def send() -> Page:
    found = waiting()
    if not isinstance(found, dict):
        return found
    path = f"/registrations/{found['id']}/confirmation"
    try:
        refused = signing.take(
            lambda signature: call("POST", path, {"signature": signature}, token=""),
            lambda fault: sign_page(found, fault),
        )
    except Problem as problem:
        return ended(found, problem)
    return refused or redirect(url_for("register_password.password"))


@blueprint.post(f"{ADDRESS}/lai")
def ring_again() -> AnyResponse:
    if "registration" not in session:
        return redirect(url_for("register.who"), 303)
    try:
        call("POST", f"/registrations/{session['registration']['id']}/signature-request", token="")
    except Problem as refused:
        if refused.status == 404:
            return gone()
        flash(told(refused), "wait")
    return redirect(ADDRESS, 303)


def waiting() -> Json | AnyResponse:
    """The registration while it waits for a signature; else where to go."""
    if "registration" not in session:
        return redirect(url_for("register.who"))
    try:
        found = call("GET", f"/registrations/{session['registration']['id']}", token="").body
    except Problem as refused:
        if refused.status != 404:
            raise
        return gone()
    if found["state"] == "confirmed":
        return redirect(url_for("register_password.password"))
    return found if found["state"] == "awaiting-signature" else redirect(url_for("register_code.code"))


def ended(found: Json, refused: Problem) -> Page:
    if refused.code == "already-confirmed":
        return redirect(url_for("register_password.password"))
    if refused.code == "already-registered":
        return sign_page(found, known=refused.detail), 409
    if refused.status == 404:
        return gone()
    raise refused


def sign_page(found: Json, fault: str | None = None, known: str | None = None) -> str:
    known = known or _known(found)
    state = session["registration"]
    return signing.draw(
        found | {"method": state["method"], "phone": state["phone"]},
        ADDRESS,
        fault=fault,
        known=known,
        back=state["form"],
        steps=STEPS,
    )


def _known(found: Json) -> str | None:
    """A phone that signed for somebody who has an account already."""
    failure = found.get("failure") or {}
    return failure["detail"] if failure.get("code") == "already-registered" else None
