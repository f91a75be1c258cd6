"""Registration by way of a post office: the slip to take there, and the way back from another browser."""

from flask import Blueprint, redirect, render_template, request, session, url_for

from gateway.backend import Json, Problem, call, here
from gateway.forms import typed
from gateway.pages import captcha, methods
from gateway.pages.register import Page, begin, masked
from gateway.pages.register_code import gone
from gateway.texts import t

blueprint = Blueprint("register_counter", __name__)
FIELDS = ("registration_code", "phone")
STANDS = {
    "awaiting-counter": "register_counter.slip",
    "refused": "register_counter.slip",
    "awaiting-code": "register_code.code",
    "confirmed": "register_password.password",
}


@blueprint.get("/dang-ky/phieu-hen")
def slip() -> Page:
    """What to take to the post office; once the clerk has decided, what came of it."""
    if "registration" not in session:
        return redirect(url_for("register.who"))
    try:
        found = call("GET", f"/registrations/{session['registration']['id']}", token="").body
    except Problem as refused:
        if refused.status != 404:
            raise
        return gone()
    here_is = STANDS.get(found["state"])
    if here_is != "register_counter.slip" or "registration_code" not in found:
        return redirect(url_for(here_is or "register.who"))
    return render_template("register/slip.html", it=found, address=here().settings.public_url)


@blueprint.route("/dang-ky/tiep-tuc", methods=["GET", "POST"])
def resume() -> Page:
    if request.method == "GET":
        return resume_page({})
    faults = missing()
    if faults:
        return resume_page(faults), 422
    body = {name: typed(name) for name in FIELDS} | {"captcha": captcha.answer()}
    try:
        found = call("POST", "/registrations/resumption", body, token="").body
    except Problem as refused:
        return refused_page(refused)
    return go_on(found)


def missing() -> dict[str, str]:
    faults = {name: t(f"register.missing.{name}") for name in FIELDS if not typed(name)}
    return faults | ({"captcha": t("captcha.missing")} if captcha.missing() else {})


def refused_page(refused: Problem) -> Page:
    faults = refused.of(*FIELDS, "captcha")
    general = t("register.resume.none") if refused.status == 404 else refused.detail
    return resume_page(faults, None if faults else general, used=True), refused.status


def go_on(found: Json) -> Page:
    method = methods.by("citizen", id="post")
    assert method is not None
    begin("citizen", method, found, masked(typed("phone")))
    return redirect(url_for(STANDS[found["state"]]))


def resume_page(faults: dict[str, str], general: str | None = None, used: bool = False) -> str:
    ordered = {name: faults[name] for name in (*FIELDS, "captcha") if name in faults}
    asked = captcha.asked(used)
    return render_template("register/resume.html", faults=ordered, general=general, captcha=asked)
