"""Dossiers as answers: what each kind of reader is shown, in their language."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from sqlalchemy import Row

from chassis.paging import cursor_of
from chassis.unit_of_work import UnitOfWork
from contracts.event import Name
from services.dossier import queries
from services.dossier.commands import answers as forms
from services.dossier.commands.drafts import answers_of, missing
from services.dossier.model.dossier import Dossier, is_overdue, state_of
from services.dossier.model.history import Step
from services.dossier.model.papers import File
from services.dossier.model.workflow import WORKFLOW

Shown = dict[str, Any]


def own(uow: UnitOfWork, dossier: Dossier, language: str) -> Shown:
    """A draft or dossier in full, for its owner."""
    answers = answers_of(uow, dossier)
    shown = {**head(dossier, language), "form": answers, "files": files(uow, dossier)}
    if dossier.status is None:
        procedure = queries.procedure_of(uow, dossier)
        wanting = missing(procedure, dossier, forms.settled(procedure.form, answers))
        faults = [{"pointer": f.pointer, "code": f.code, "detail": f.detail[language]} for f in wanting]
        return {**shown, "missing": faults}
    return {
        **shown,
        "history": history(uow, dossier, language),
        "receipt": receipt(uow, dossier),
        "actions": dossier.actions("applicant"),
    }


def desk(uow: UnitOfWork, dossier: Dossier, language: str, roles: frozenset[str] | None) -> Shown:
    """Everything an official needs to decide, and what they may; `roles` None: a back office."""
    procedure = queries.procedure_of(uow, dossier)
    return {
        **desk_head(dossier, language, uow.now()),
        "form": answers_of(uow, dossier),
        "layout": procedure.form.layout,
        "documents": msgspec.to_builtins(procedure.documents),
        "files": files(uow, dossier),
        "applicant": queries.profile(uow, dossier.applicant),
        "history": history(uow, dossier, language),
        "actions": dossier.actions("agency", roles),
    }


def submission(uow: UnitOfWork, dossier: Dossier, language: str) -> Shown:
    return {**head(dossier, language), "receipt": receipt(uow, dossier)}


def tracking(dossier: Dossier, with_key: bool, language: str) -> Shown:
    shown = head(dossier, language)
    public = {
        name: shown[name] for name in ("code", "status", "status_name", "submitted_at", "due_at", "closed")
    }
    if not with_key:
        return public
    return {
        **public,
        "procedure_name": _in(dossier.procedure_name, language),
        "agency_name": _in(dossier.agency_name, language),
        "history": [_step(dossier, step, language) for step in dossier.history],
    }


def head(dossier: Dossier | Row[Any], language: str) -> Shown:
    """Works on a dossier and on a row of a list alike."""
    closed = dossier.outcome and {"outcome": dossier.outcome, "at": dossier.closed_at}
    return {
        "id": dossier.id,
        "state": state_of(dossier.status, dossier.outcome),
        "code": dossier.code,
        "status": dossier.status,
        "status_name": dossier.status and _in(WORKFLOW.statuses[dossier.status], language),
        "procedure": {
            "code": dossier.procedure,
            "version": dossier.procedure_version,
            "name": _in(dossier.procedure_name, language),
        },
        "agency": {"code": dossier.agency, "name": _in(dossier.agency_name, language)},
        "version": dossier.version,
        "submitted_at": dossier.submitted_at,
        "answer_due_at": dossier.answer_due_at,
        "due_at": dossier.due_at,
        "closed": closed,
        "changed_at": dossier.changed_at,
    }


def desk_head(dossier: Dossier | Row[Any], language: str, now: datetime) -> Shown:
    overdue = is_overdue(dossier.status, dossier.outcome, dossier.deadline, now)
    return {**head(dossier, language), "deadline": dossier.deadline, "overdue": overdue}


def page(rows: Sequence[Row[Any]], limit: int, by: str, items: list[Shown]) -> Mapping[str, Any]:
    """`rows` holds one more than `limit` when there is a next page; `by` is the column it is sorted by."""
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = last and cursor_of(getattr(last, by).isoformat(), str(last.id))
    return {"items": items[:limit], "next_cursor": cursor}


def history(uow: UnitOfWork, dossier: Dossier, language: str) -> list[Shown]:
    return [
        _step(dossier, step, language)
        | ({"reason": uow.reveal(dossier.applicant, step.reason)} if step.reason else {})
        for step in dossier.history
    ]


def receipt(uow: UnitOfWork, dossier: Dossier) -> Shown:
    """What the applicant keeps: the key is theirs to see again, nobody else's."""
    if dossier.receipt_key is None:
        raise LookupError("a draft has no receipt")
    key = uow.reveal(dossier.applicant, dossier.receipt_key)
    return {
        "url": f"{uow.settings.public_url}/tracking/{dossier.code}?{urlencode({'key': key})}",
        "key": key,
        "files": [{"name": file["name"], "sha256": file["sha256"]} for file in files(uow, dossier)],
    }


def files(uow: UnitOfWork, dossier: Dossier) -> list[Shown]:
    return [file(uow, dossier.applicant, one) for one in dossier.files]


def file(uow: UnitOfWork, applicant: UUID, found: File) -> Shown:
    """With its name in clear."""
    return {**vars(found), "name": uow.reveal(applicant, found.name)}


def _step(dossier: Dossier, step: Step, language: str) -> Shown:
    return {
        "status": step.status,
        "status_name": _in(WORKFLOW.statuses[step.status], language),
        "at": step.at,
        "by_agency": step.agency,
        "by_agency_name": step.agency and _in(dossier.agency_name, language),
        "by_mandate": step.actor is not None,
    }


def _in(name: Name, language: str) -> str:
    return name.en if language == "en" else name.vi
