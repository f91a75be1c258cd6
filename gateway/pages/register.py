"""Registration, one question group per page: who, how, the form. What follows has modules of its own."""

from flask import Blueprint, abort, redirect, render_template, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.backend import Json, Problem, call
from gateway.forms import parse_date, typed
from gateway.pages import captcha, methods
from gateway.pages.login import resend_at
from gateway.texts import t
from vocabulary.people import mask_phone, parse_phone
from vocabulary.refusals import Refusal

blueprint = Blueprint("register", __name__)
Page = str | tuple[str, int] | AnyResponse
HUMAN = ("full_name", "id_number", "date_of_birth")
BUSINESS = ("tax_code", "name", "address")
CONTACT = ("phone", "email")
NEXT = {
    "awaiting-code": "register_code.code",
    "awaiting-counter": "register_counter.slip",
    "awaiting-signature": "register_signature.sign",
    "confirmed": "register_password.password",
}
"""The page of each state in which a registration begins."""


@blueprint.get("/dang-ky")
def who() -> str:
    return render_template("register/who.html")


@blueprint.get("/dang-ky/cong-dan", defaults={"kind": "citizen"})
@blueprint.get("/dang-ky/doanh-nghiep", defaults={"kind": "business"})
def how(kind: str) -> str:
    return render_template("register/how.html", kind=kind, methods=methods.of(kind), address=methods.address)


@blueprint.get("/dang-ky/<any('cong-dan', 'doanh-nghiep'):place>/sap-co/<method>")
def not_yet(place: str, method: str) -> str:
    """What a method that is not open yet will need, and what to do until then."""
    kind = methods.KINDS[place]
    found = methods.by(kind, id=method) or abort(404)
    return render_template("register/not_yet.html", kind=kind, method=found, place=place)


@blueprint.get("/dang-ky/<any('cong-dan', 'doanh-nghiep'):place>/<slug>")
def form(place: str, slug: str) -> Page:
    kind = methods.KINDS[place]
    method = methods.by(kind, slug=slug) or abort(404)
    return form_page(kind, method, {}) if method["open"] else redirect(methods.address(kind, method))


@blueprint.post("/dang-ky/<any('cong-dan', 'doanh-nghiep'):place>/<slug>")
def send(place: str, slug: str) -> Page:
    kind = methods.KINDS[place]
    method = methods.by(kind, slug=slug) or abort(404)
    faults = missing(kind, method)
    if faults:
        return form_page(kind, method, faults), 422
    try:
        answer = call("POST", "/registrations", registration(kind, method), token="")
    except Problem as refused:
        return refused_form(kind, method, refused)
    begin(kind, method, answer.body, masked(typed("phone")))
    return redirect(url_for(NEXT[answer.body["state"]]))


def begin(kind: str, method: Json, answer: Json, phone: str) -> None:
    """What the next pages need; nothing that was typed but the masked phone."""
    session["registration"] = {
        "id": answer["id"],
        "kind": kind,
        "method": method["id"],
        "form": methods.address(kind, method),
        "resend_at": resend_at(answer.get("resend_after")),
        "phone": phone,
    }


def fields(kind: str, method: Json) -> tuple[str, ...]:
    """In the order of the page."""
    if kind == "business":
        return (*BUSINESS, *CONTACT, *HUMAN)
    return (*HUMAN, *method.get("asks", ()), *CONTACT)


def optional(kind: str) -> tuple[str, ...]:
    return ("address",) if kind == "business" else ("email",)


def registration(kind: str, method: Json) -> Json:
    begun = {"kind": kind, "method": method["id"], "captcha": captcha.answer()}
    if kind == "business":
        business = given(*BUSINESS, *CONTACT) | {"representative": given(*HUMAN)}
        return begun | {"business": business}
    return begun | {"person": given(*fields(kind, method))}


def given(*names: str) -> Json:
    """What was typed, dates as the API has them."""
    answers = {name: typed(name) for name in names if typed(name)}
    if "date_of_birth" in answers:
        answers["date_of_birth"] = parse_date(answers["date_of_birth"]) or ""
    return answers


def missing(kind: str, method: Json) -> dict[str, str]:
    needed = [name for name in fields(kind, method) if name not in optional(kind)]
    faults = {name: t(f"register.missing.{name}") for name in needed if not typed(name)}
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


def refused_form(kind: str, method: Json, refused: Problem) -> Page:
    faults = refused.of(*fields(kind, method), "captcha")
    general = None if faults else refused.detail
    return form_page(kind, method, faults, general, used=True), refused.status


def form_page(
    kind: str, method: Json, faults: dict[str, str], general: str | None = None, used: bool = False
) -> str:
    asked = fields(kind, method)
    return render_template(
        f"register/{kind}.html",
        kind=kind,
        method=method,
        place=methods.PLACES[kind],
        asks=method.get("asks", ()),
        faults={name: faults[name] for name in (*asked, "captcha") if name in faults},
        general=general,
        captcha=captcha.asked(used),
    )
