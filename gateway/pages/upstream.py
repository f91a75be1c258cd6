"""Logging in by a provider above us, such as VNeID: there and back."""

from flask import Blueprint, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import sessions
from gateway.backend import Json, Problem, call, here
from gateway.forms import local_path
from gateway.pages import login, methods, register, sign_on
from gateway.texts import t

blueprint = Blueprint("upstream", __name__)


@blueprint.post("/dang-nhap/noi-khac")
def begin() -> str:
    begun = call("POST", "/upstream-logins", token="").body
    session["upstream"] = {"id": begun["id"], "next": local_path(request.form.get("next"), "")}
    return sign_on.away(begun["location"], here().settings.upstream)


@blueprint.get("/dang-nhap/tu-noi-khac")
def come_back() -> login.Page:
    """Only to the browser that was sent there, and once."""
    begun = session.pop("upstream", None)
    if begun is None:
        return redirect(url_for("login.form"))
    if "code" not in request.args:
        return refused(t("login.upstream_refused", name=here().settings.upstream)), 403
    try:
        answer = call("POST", f"/upstream-logins/{begun['id']}", told(), token="")
    except Problem as problem:
        return refused(problem.detail), problem.status
    if answer.status == 202:
        return to_registering(answer.body)
    return login.welcome(answer.body, begun["next"])


def told() -> Json:
    given = {name: request.args.get(name, "") for name in ("code", "state")}
    return given | {"issuer": request.args.get("iss"), "device": sessions.device()}


def refused(why: str) -> str:
    return login.page({}, why)


def to_registering(started: Json) -> AnyResponse:
    """No account yet: what the provider told is filled in, and the code goes to that phone."""
    method = methods.by("citizen", id="phone")
    assert method is not None
    register.begin("citizen", method, started, started["phone"])
    return redirect(url_for("register_code.code"))
