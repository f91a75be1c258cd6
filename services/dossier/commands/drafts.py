"""What an applicant does before submitting: begin, answer, throw away."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from chassis import audit
from chassis.db import new_id
from chassis.unit_of_work import UnitOfWork
from contracts.catalog import Form, ProcedurePublished
from services.dossier import queries
from services.dossier.commands import answers as forms
from services.dossier.commands import applicants
from services.dossier.commands.answers import Answers
from services.dossier.model.dossier import Dossier
from services.dossier.model.drafts import check_applicant, check_covered, draft
from services.dossier.model.history import Whose
from services.dossier.model.papers import missing_papers
from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text


def begin(
    uow: UnitOfWork,
    whose: Whose,
    kind: str,
    assurance: str,
    procedure: str,
    agency: str,
    form: Mapping[str, Any],
) -> Dossier:
    """Invalid for an unknown procedure or agency, or a wrong answer; Forbidden as check_applicant;
    NotAuthenticated for an account that is closed."""
    check_covered(procedure, whose)
    applicant = whose.account
    applicants.check_open(uow, applicant)
    published = _published(uow, procedure)
    check_applicant(published, kind, assurance)
    given = _known(uow, applicant, published.form) | forms.partly(published.form, form, "/form")
    begun = draft(new_id(), applicant, published, agency, protect(uow, applicant, given), uow.now())
    uow.session.add(begun)
    return begun


def save_form(
    uow: UnitOfWork, whose: Whose, key: str, given: Mapping[str, Any], expected_version: int
) -> Dossier:
    """Replace the answers of a draft. Stale when it changed since; Invalid names each wrong answer."""
    found = queries.own(uow, whose, key, lock=True)
    found.check_draft()
    found.check_version(expected_version)
    kept = forms.partly(queries.procedure_of(uow, found).form, given, "")
    found.answer(protect(uow, whose.account, kept), uow.now())
    return found


def discard(uow: UnitOfWork, whose: Whose, key: str) -> None:
    """Throw a draft away; its files go with the next sweep. Conflict once it was submitted."""
    found = queries.own(uow, whose, key, lock=True)
    found.check_draft()
    uow.session.delete(found)
    audit.record(uow, audit.caller(), "draft-discarded", whose.account, str(found.id))


def answers_of(uow: UnitOfWork, dossier: Dossier) -> Answers:
    return msgspec.json.decode(uow.reveal(dossier.applicant, dossier.answers), type=Answers)


def protect(uow: UnitOfWork, applicant: UUID, answers: Answers) -> bytes:
    return uow.protect(applicant, msgspec.json.encode(answers).decode())


def missing(procedure: ProcedurePublished, dossier: Dossier, answers: Answers) -> list[Fault]:
    """Every answer and paper that submission still wants, answers first."""
    attached = {file.document for file in dossier.files}
    return [
        *forms.faults(procedure.form, answers),
        *missing_papers(procedure.documents, attached, answers),
    ]


def _known(uow: UnitOfWork, applicant: UUID, form: Form) -> Answers:
    """What the registers confirmed of the applicant is not asked again: the layout's `prefill` says where."""
    profile = queries.profile(uow, applicant) or {}
    fields = [field for step in form.layout for field in step["fields"]]
    known = {field["name"]: profile.get(field["prefill"]) for field in fields if "prefill" in field}
    return forms.fitting(form, known)


def _published(uow: UnitOfWork, code: str) -> ProcedurePublished:
    found = queries.procedure(uow, code)
    if found is None:
        text = Text("Không có thủ tục nào mang mã này.", "There is no procedure with this code.")
        raise Invalid("procedure-unknown", text.vi, text.en, [Fault("/procedure", "unknown", text)])
    return found
