"""Check what was answered, send it, and what comes back: the code, what happens next, the receipt."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup

from gateway import language
from gateway.backend import Json, Problem, call
from gateway.pages.form import Page, account
from gateway.pages.form_drafts import CHECK, Draft, address, checked, for_applicants, load
from gateway.pages.form_fees import online_limit
from gateway.pages.form_steps import Form, Step
from gateway.texts import t
from gateway.words import name

blueprint = Blueprint("form_check", __name__)
BUSY_TRIES, BUSY_SECONDS = 4, 0.7


@dataclass(frozen=True)
class Row:
    """One answer as it is read back; `shown` is empty when there is none."""

    name: str
    label: str
    shown: str
    required: bool


@dataclass(frozen=True)
class Missing:
    """Something the service still wants, with the address where it is given."""

    text: str
    address: str


@blueprint.get("/ho-so/nhap/<uuid:draft>/kiem-tra")
@for_applicants
def check(draft: UUID) -> Page:
    return check_page(load(draft))


@blueprint.post("/ho-so/nhap/<uuid:draft>/kiem-tra")
@for_applicants
def send(draft: UUID) -> Page:
    loaded = load(draft)
    if request.form.get("version") != loaded.version:
        return check_page(loaded, alert=t("form.check.changed")), 409
    if "consent" not in request.form:
        return check_page(loaded, consent_missing=True), 422
    try:
        code = submitted(draft, request.form.get("key", ""))
    except Problem as refused:
        if refused.code == "assurance-too-low":
            return redirect(url_for("step_up.choose", next=request.path), 303)
        if refused.status == 422:
            return check_page(load(draft)), 422
        if refused.status == 409:
            return check_page(load(draft), alert=t("form.check.busy")), 409
        raise
    return redirect(url_for("form_check.sent", code=code), 303)


def submitted(draft: UUID, key: str) -> str:
    """The code of the dossier. While the same submission is under way in another request, wait for it."""
    for tries_left in reversed(range(BUSY_TRIES)):
        try:
            answer = call("POST", f"/dossiers/{draft}/submission", {}, headers={"Idempotency-Key": key})
            return str(answer.body["code"])
        except Problem as refused:
            if refused.status != 409 or not tries_left:
                raise
            load(draft)  # AlreadySent leads to the dossier
            time.sleep(BUSY_SECONDS)
    raise AssertionError("unreachable")


def check_page(draft: Draft, alert: str = "", consent_missing: bool = False) -> str:
    back, _ = draft.around(CHECK)
    walked = draft.form.walk(draft.answers)
    return render_template(
        "form/check.html",
        draft=draft,
        applicant=account(),
        parts_of_form=[(step, rows(step, draft.form, draft.answers)) for step in walked],
        papers=[(each, draft.files_of(each["id"])) for each in draft.documents],
        missing=list_missing(draft),
        alert=alert,
        consent_missing=consent_missing,
        key=request.form.get("key") or uuid4(),
        back=back,
    )


def rows(step: Step, form: Form, answers: Json) -> list[Row]:
    """The step's answers in words."""
    spoken = language.current()
    return [
        Row(
            each.name,
            each.label[spoken],
            each.words(answers[each.name])[spoken] if each.name in answers else "",
            each.required,
        )
        for each in form.asked(step, answers)
    ]


def list_missing(draft: Draft) -> list[Missing]:
    """Everything the service still wants, each with the place to give it."""
    found = []
    for each in draft.missing:
        *_, kind, last = each["pointer"].split("/")
        step = draft.form.step_of(last)
        if kind == "documents":
            place = url_for("form_papers.papers", draft=draft.id, sua=1, _anchor=f"giay-to-{last}")
            found.append(Missing(each["detail"], place))
        elif step:
            found.append(Missing(each["detail"], f"{address(draft.id, step.number)}?sua=1#{last}"))
    return found


@blueprint.get("/ho-so/<code>/da-gui")
@for_applicants
def sent(code: str) -> Page:
    dossier = call("GET", f"/dossiers/{checked(code)}").body
    return render_template("form/sent.html", **of_receipt(dossier))


@blueprint.get("/ho-so/<code>/giay-tiep-nhan")
@for_applicants
def receipt(code: str) -> Page:
    dossier = call("GET", f"/dossiers/{checked(code)}").body
    return render_template("form/receipt.html", applicant=account(), **of_receipt(dossier))


def of_receipt(dossier: Json) -> dict[str, Any]:
    """What a receipt and the page after sending are made of."""
    chosen = dossier["procedure"]
    procedure = call("GET", f"/procedures/{chosen['code']}", query={"version": chosen["version"]}).body
    return {
        "dossier": dossier,
        "procedure": procedure,
        "papers": {each["id"]: name(each) for each in procedure["documents"]},
        "limit": limit_in_words(online_limit(procedure)),
        "qr": qr(dossier["receipt"]["url"]),
        "code": dossier["code"],
    }


def limit_in_words(limit: Json | None) -> str:
    return t(f"form.time_limit.{limit['unit']}", n=limit["amount"]) if limit else ""


def qr(address: str) -> Markup:
    """A QR code as inline SVG, dark on light in both themes so that every camera reads it."""
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(scale=4, border=2, dark="#211B17", light="#FFFFFF", omitsize=True, svgclass="qr")
    return Markup(drawn)  # noqa: S704 - drawn by segno from an address of ours
