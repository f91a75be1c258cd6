"""Filling in a dossier: how it begins, and one step per page."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway import language
from gateway.backend import Json, Late, Problem, call
from gateway.pages import form_entry, form_values
from gateway.pages.form_drafts import Draft, address, for_applicants, load, save
from gateway.pages.form_fees import online_fee
from gateway.pages.form_fields import Field, Trouble
from gateway.pages.form_steps import Form, Reading, Step
from gateway.sessions import viewer
from gateway.texts import has, t
from vocabulary.codes import PROCEDURE_CODE

blueprint = Blueprint("form", __name__)
Page = str | Response | tuple[str, int]
FIELDS_A_MINUTE = 2
KINDS = {"email": "email", "phone": "tel"}
KEYBOARDS = {**dict.fromkeys(("date", "number", "money", "id-number", "tax-code"), "numeric"), "phone": "tel"}
WIDTHS = {**dict.fromkeys(KEYBOARDS, "number"), **dict.fromkeys(("date", "number", "money"), "short")}


@dataclass(frozen=True)
class Question:
    """A field as the page draws it; one that is not `asked` yet waits for the answer that calls for it."""

    field: Field
    text: str
    error: str
    asked: bool
    new: bool
    from_account: bool

    @property
    def ticked(self) -> bool:
        return self.text in ("True", "yes")

    @property
    def kind(self) -> str:
        return KINDS.get(self.field.widget, "text")

    @property
    def attributes(self) -> dict[str, str]:
        """What helps to type: the right keyboard, the browser's own memory, a fitting width."""
        widget, known = self.field.widget, {"autocomplete": self.field.autocomplete}
        given = {**known, "inputmode": KEYBOARDS.get(widget), "class": WIDTHS.get(widget)}
        return {name: value for name, value in given.items() if value}


@blueprint.get("/ho-so/moi")
def start() -> Page:
    procedure = procedure_asked_for()
    return entry_page(procedure) if form_entry.reason(procedure, viewer()) else start_page(procedure)


@blueprint.post("/ho-so/moi")
def begin() -> Page:
    procedure = procedure_asked_for()
    return (entry_page(procedure), 403) if form_entry.reason(procedure, viewer()) else new_draft(procedure)


@for_applicants
def new_draft(procedure: Json) -> Page:
    agency = request.form.get("agency", "")
    if agency not in [each["code"] for each in procedure["agencies"]]:
        return start_page(procedure, t("form.start.agency_missing")), 422
    known = Form.of(procedure["form"]).prefilled(account())
    body = {"procedure": procedure["code"], "agency": agency, "form": known}
    draft = call("POST", "/dossiers", body, headers={"Idempotency-Key": request.form.get("key", "")}).body
    return redirect(address(draft["id"], 1), 303)


def procedure_asked_for() -> Json:
    code = request.args.get("procedure", "")
    if not PROCEDURE_CODE.match(code):
        abort(404)
    return call("GET", f"/procedures/{code}").body


def entry_page(procedure: Json) -> str:
    """Instead of a form that would be refused: what it takes, and where to go."""
    who = viewer()
    return render_template(
        "form/entry.html",
        procedure=procedure,
        who=who,
        reason=form_entry.reason(procedure, who),
        lacks=[(each, form_entry.to_come(each)) for each in form_entry.lacking(procedure, who)],
    )


@for_applicants
def start_page(procedure: Json, error: str = "") -> str:
    form = Form.of(procedure["form"])
    return render_template(
        "form/start.html",
        procedure=procedure,
        steps=len(form.steps) + bool(procedure["documents"]) + 1,  # papers, and the check at the end
        minutes=max(5, 5 * round(len(form.fields) / FIELDS_A_MINUTE / 5)),
        fee=online_fee(procedure),
        draft=draft_begun(procedure["code"]),
        error=error,
        chosen=request.form.get("agency", ""),
        key=uuid4(),
    )


def draft_begun(procedure: str) -> Json | None:
    """The newest draft this person has of the procedure."""
    drafts = call("GET", "/dossiers", query={"state": "draft", "limit": 100}).body["items"]
    return next((each for each in drafts if each["procedure"]["code"] == procedure), None)


def account() -> Json:
    """What is known of the person; a citizen's login name is their ID number."""
    known = call("GET", "/account").body
    return {"id_number": known["login"], **known} if known["kind"] == "citizen" else known


@blueprint.route("/ho-so/nhap/<uuid:draft>/buoc/<int:number>", methods=["GET", "POST"])
@for_applicants
def step(draft: UUID, number: int) -> Page:
    loaded = load(draft)
    asked_for = loaded.step(number)
    if asked_for is None:
        abort(404)
    if request.method == "POST":
        return take(loaded, asked_for)
    return step_page(loaded, asked_for, values(asked_for, loaded.answers))


def take(draft: Draft, here: Step) -> Page:
    """Save what was posted, as far as it is good; then go on, or show what is wrong or new."""
    reading = draft.form.read(here, request.form, request.form.getlist("shown"), draft.answers)
    typed = {**values(here, draft.answers), **reading.raw}
    try:
        draft = kept(draft, reading)
    except Late:
        return step_page(draft, here, typed, alert=t("form.step.late")), 503
    except Problem as refused:
        if refused.status == 412:
            return render_template("form/conflict.html", draft=draft, step=here, raw=reading.raw), 412
        if refused.status != 422:
            raise
        return step_page(draft, here, typed, refused.of()), 422
    return after(draft, here, reading, typed)


def after(draft: Draft, here: Step, reading: Reading, typed: dict[str, str]) -> Page:
    if "later" in request.form:
        flash(t("account.home.saved_later"))
        return redirect(url_for("account.home"), 303)
    if reading.troubles:
        errors = {trouble.name: words(trouble) for trouble in reading.troubles}
        return step_page(draft, here, typed, errors, reading.appeared), 422
    if reading.appeared:
        return step_page(draft, here, typed, {}, reading.appeared)
    _, onward = draft.around(here.id)
    if "sua" in request.args or onward is None:
        onward = url_for("form_check.check", draft=draft.id)
    return redirect(onward, 303)


def kept(draft: Draft, reading: Reading) -> Draft:
    """The draft with the new answers. The same answers again are nothing to save, and no conflict."""
    if reading.answers == draft.answers:
        return draft
    save(draft.id, reading.answers, request.form.get("version", ""))
    return load(draft.id)


def values(here: Step, answers: Json) -> dict[str, str]:
    return {each.name: form_values.typed(each.widget, answers.get(each.name)) for each in here.fields}


def step_page(
    draft: Draft,
    here: Step,
    typed: dict[str, str],
    errors: dict[str, str] | None = None,
    new: tuple[str, ...] = (),
    alert: str = "",
) -> str:
    errors = errors or {}
    known = draft.form.prefilled(account()) if any(each.prefill for each in here.fields) else {}
    asked = {each.name for each in draft.form.asked(here, draft.answers)}
    questions = [
        Question(
            each,
            typed[each.name],
            errors.get(each.name, ""),
            each.name in asked,
            each.name in new,
            each.name in known and known[each.name] == draft.answers.get(each.name),
        )
        for each in here.fields
    ]
    back, _ = draft.around(here.id)
    return render_template(
        "form/step.html",
        draft=draft,
        step=here,
        questions=questions,
        errors={one.field.name: summed_up(one) for one in questions if one.error},
        back=back,
        alert=alert,
    )


def summed_up(question: Question) -> str:
    """The error at the top of the page says which question it is about."""
    return f"{question.field.label[language.current()]}: {question.error[:1].lower()}{question.error[1:]}"


def words(trouble: Trouble) -> str:
    """What to tell about it: how to mend it."""
    key = f"form.error.{trouble.code}"
    return t(key if has(key) else "form.error.unknown", limit=grouped_limit(trouble.limit))


def grouped_limit(limit: Any) -> str:
    return form_values.typed("number", limit)


@blueprint.route("/ho-so/nhap/<uuid:draft>/bo", methods=["GET", "POST"])
@for_applicants
def discard(draft: UUID) -> Page:
    loaded = load(draft)
    if request.method == "GET":
        return render_template("form/discard.html", draft=loaded)
    call("DELETE", f"/dossiers/{draft}", headers={"If-Match": loaded.version})
    flash(t("form.discard.done"))
    return redirect(url_for("account.home"), 303)
