"""Logging in: password, then a code by SMS on a device not seen before. Logging out."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import sessions
from gateway.backend import Json, Late, Problem, call, here
from gateway.forms import digits, local_path, typed
from gateway.pages import captcha
from gateway.texts import t

blueprint = Blueprint("login", __name__)
Page = str | tuple[str, int] | AnyResponse


@blueprint.get("/dang-nhap")
def form() -> Page:
    if sessions.viewer():
        return redirect(destination(request.args.get("next")))
    return page({})


@blueprint.post("/dang-nhap")
def send() -> Page:
    faults = missing()
    if faults:
        return page(faults), 422
    try:
        answer = call("POST", "/sessions", credentials(), token="")
    except Problem as refused:
        return page(*told(refused), used=True), refused.status
    if answer.status == 202:
        session["login"] = waiting(answer.body) | {"next": local_path(request.form.get("next"), "")}
        return redirect(url_for("login.code"))
    return welcome(answer.body, request.form.get("next"))


def credentials() -> Json:
    given = {
        "login": typed("login"),
        "password": request.form.get("password", ""),
        "captcha": captcha.answer(),
    }
    known = sessions.device()
    return given | ({"device": known} if known else {})


def missing() -> dict[str, str]:
    faults = {name: t(f"login.missing.{name}") for name in ("login", "password") if not typed(name)}
    return faults | ({"captcha": t("captcha.missing")} if captcha.missing() else {})


def told(refused: Problem) -> tuple[dict[str, str], str | None]:
    """The faults beside their fields, and what fits beside none."""
    faults = refused.of("login", "password", "captcha")
    return faults, None if faults else refused.detail or t("login.refused")


def page(faults: dict[str, str], general: str | None = None, used: bool = False) -> str:
    return render_template(
        "login/form.html",
        faults=faults,
        general=general,
        captcha=captcha.asked(used),
        next=local_path(request.values.get("next"), ""),
        ended=request.args.get("ended"),
        upstream=here().settings.upstream,
    )


@blueprint.route("/dang-nhap/ma", methods=["GET", "POST"])
def code() -> Page:
    if "login" not in session:
        return redirect(url_for("login.form"))
    if request.method == "GET":
        return code_page()
    given = digits("code")
    if len(given) != 6:
        return code_page(t("code.six")), 422
    return confirm(given)


def confirm(given: str) -> Page:
    state = session["login"]
    try:
        answer = call("POST", f"/sessions/{state['id']}/confirmation", {"code": given}, token="")
    except Problem as refused:
        if refused.status in (404, 409, 410):
            del session["login"]
            return redirect(url_for("login.form", ended="code", next=state.get("next") or None))
        return code_page(next(iter(refused.of().values()), refused.detail)), refused.status
    del session["login"]
    return welcome(answer.body, state.get("next"))


def code_page(fault: str | None = None) -> str:
    """A new code comes with logging in anew, once the last one has had time to arrive."""
    state = session["login"]
    return render_template(
        "login/code.html", fault=fault, next=state.get("next"), resend_at=state["resend_at"]
    )


def welcome(tokens: Json, wanted: str | None) -> AnyResponse:
    """Logged in, with a session of its own: nothing of the one before stays but the way."""
    session.clear()
    sessions.remember(tokens)
    return redirect(destination(wanted))


def destination(wanted: str | None) -> str:
    who = sessions.viewer()
    return local_path(wanted, who.home[1] if who else "/tai-khoan")


def waiting(answer: Json) -> Json:
    """What the next pages need of an answer that waits for a code."""
    return {"id": answer["id"], "resend_at": resend_at(answer.get("resend_after"))}


def resend_at(after: object) -> str:
    """When a code may be asked for again; the API says it as a time or as seconds from now."""
    if isinstance(after, str):
        return after
    seconds = after if isinstance(after, int | float) else 60
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@blueprint.post("/dang-xuat")
def logout() -> AnyResponse:
    """The browser forgets the session even when identity is away."""
    with suppress(Problem, Late):
        call("DELETE", "/sessions/current")
    sessions.forget()
    return redirect(url_for("login.out"))


@blueprint.get("/da-dang-xuat")
def out() -> str:
    return render_template("login/out.html")
