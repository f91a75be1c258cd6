"""The papers of a draft: put up, listed with their check sums, taken off."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from gateway.backend import Json, Problem, call
from gateway.pages.form import Page
from gateway.pages.form_drafts import PAPERS, Draft, for_applicants, load
from gateway.texts import t
from gateway.words import clock, name
from vocabulary.calendar import VIETNAM

blueprint = Blueprint("form_papers", __name__)


@blueprint.get("/ho-so/nhap/<uuid:draft>/giay-to")
@for_applicants
def papers(draft: UUID) -> Page:
    return papers_page(load(draft))


@blueprint.post("/ho-so/nhap/<uuid:draft>/giay-to")
@for_applicants
def change(draft: UUID) -> Page:
    loaded = load(draft)
    if "remove" in request.form:
        return take_off(loaded, request.form["remove"])
    document = request.form.get("document", "")
    chosen = [each for each in request.files.getlist("file") if each.filename]
    if not chosen:
        return papers_page(loaded, {document: [t("form.paper_error.choose")]}), 422
    wrong = [trouble for trouble in (put_up(draft, document, each) for each in chosen) if trouble]
    if wrong:
        return papers_page(load(draft), {document: wrong}), 422
    return back_to(draft, document)


def put_up(draft: UUID, document: str, file: FileStorage) -> str:
    """Hand one file to the service. What is wrong with it in words, or nothing."""
    title = file.filename or ""
    media = file.mimetype or "application/octet-stream"
    try:
        fields = {"document": document, "file": (title, file.read(), media)}
        call("POST", f"/dossiers/{draft}/files", files=fields)
    except Problem as refused:
        if refused.status not in (409, 413, 415, 422):
            raise
        return t("form.paper_error.other", name=title, reason=reason(refused))
    flash(t("form.papers.added", name=title, time=clock(datetime.now(VIETNAM))))
    return ""


def reason(refused: Problem) -> str:
    told = [each["detail"] for each in refused.errors if each.get("detail")]
    return told[0] if told else refused.detail


def take_off(draft: Draft, file: str) -> Page:
    """Taking off what is gone already is no mistake."""
    found = next((each for each in draft.files if each["id"] == file), None)
    if found is None:
        return back_to(draft.id, "")
    call("DELETE", f"/dossiers/{draft.id}/files/{found['id']}")
    flash(t("form.papers.removed", name=found["name"]))
    return back_to(draft.id, found["document"])


def back_to(draft: UUID, document: str) -> Page:
    anchor = f"giay-to-{document}" if document else None
    back = url_for("form_papers.papers", draft=draft, _anchor=anchor, sua=request.args.get("sua"))
    return redirect(back, 303)


def papers_page(draft: Draft, errors: dict[str, list[str]] | None = None) -> str:
    back, onward = draft.around(PAPERS)
    rows = [(each, draft.files_of(each["id"])) for each in draft.documents]
    return render_template(
        "form/papers.html", draft=draft, rows=rows, errors=errors or {}, back=back, onward=onward
    )


def names(documents: list[Json]) -> dict[str, str]:
    """What each paper is called, by its id."""
    return {each["id"]: name(each) for each in documents}
