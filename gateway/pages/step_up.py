"""Raising the session to high assurance by signing, and back to where that was asked for."""

from flask import Blueprint, Response, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import sessions
from gateway.backend import Json, Problem, call
from gateway.forms import local_path
from gateway.pages import signing
from gateway.sessions import signed_in

blueprint = Blueprint("step_up", __name__)
ADDRESS = "/tai-khoan/nang-muc"
SIGN = f"{ADDRESS}/ky-so"
HOME = "/tai-khoan"
METHODS = (("usb-token", "key"), ("sim-pki", "shield"))
Page = str | tuple[str, int] | AnyResponse


@blueprint.get(ADDRESS)
@signed_in("citizen", "business")
def choose() -> Page:
    return choose_page()


@blueprint.post(ADDRESS)
@signed_in("citizen", "business")
def begin() -> Page:
    method = request.form.get("method", "")
    try:
        begun = call("POST", "/sessions/current/step-up", {"method": method}).body
    except Problem as refused:
        if refused.status not in (422, 429):
            raise
        return choose_page(refused.of().get("method") or refused.detail), refused.status
    session["step_up"] = {"id": begun["id"], "next": local_path(request.form.get("next"), HOME)}
    return redirect(SIGN, 303)


@blueprint.get(SIGN)
@signed_in("citizen", "business")
def sign() -> Page:
    found = waiting()
    return sign_page(found) if isinstance(found, dict) else found


@blueprint.get(f"{SIGN}/thu-thach")
@signed_in("citizen", "business")
def challenge() -> Response | Page:
    found = waiting()
    return signing.challenge_file(found) if isinstance(found, dict) else found


@blueprint.post(SIGN)
@signed_in("citizen", "business")
def send() -> Page:
    found = waiting()
    if not isinstance(found, dict):
        return found
    path = f"/sessions/current/step-up/{found['id']}/confirmation"
    refused = signing.take(
        lambda signature: call("POST", path, {"signature": signature}), lambda fault: sign_page(found, fault)
    )
    return refused or raised()


def waiting() -> Json | AnyResponse:
    """The step-up while it waits; else where to go."""
    begun = session.get("step_up")
    if begun is None:
        return redirect(ADDRESS)
    try:
        found = call("GET", f"/sessions/current/step-up/{begun['id']}").body
    except Problem as refused:
        if refused.status != 404:
            raise
        return redirect(url_for("step_up.choose", next=begun["next"]))
    return raised() if found["state"] == "confirmed" else found


def raised() -> AnyResponse:
    """With a new access token, which says so, back to what was being done."""
    fresh = g.get("new_tokens") or {"refresh_token": request.cookies.get(sessions.cookie("motcua"), "")}
    sessions.swap(fresh["refresh_token"])
    return redirect(session.pop("step_up")["next"], 303)


def choose_page(fault: str | None = None) -> str:
    back = local_path(request.values.get("next"), HOME)
    return render_template("sign/choose.html", methods=METHODS, next=back, fault=fault, address=ADDRESS)


def sign_page(found: Json, fault: str | None = None) -> str:
    again = url_for("step_up.choose", next=session["step_up"]["next"])
    return signing.draw(found, SIGN, fault=fault, back=again)
