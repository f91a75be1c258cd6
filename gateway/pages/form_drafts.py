"""A draft as the pages work with it: the service's draft and the procedure it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from gateway.backend import Answer, Json, call
from gateway.pages.form_steps import Form, Step
from gateway.sessions import signed_in, viewer
from vocabulary.codes import parse_dossier_code
from vocabulary.refusals import Refusal

P = ParamSpec("P")
PAPERS, CHECK = "papers", "check"


class AlreadySent(Exception):
    """The draft became a dossier; `code` is its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Draft:
    """`version` is the ETag to change it with; `saved_at` an RFC 3339 time."""

    id: UUID
    version: str
    procedure: Json
    agency: Json
    form: Form
    answers: Json
    files: list[Json]
    missing: list[Json]
    saved_at: str

    @property
    def documents(self) -> list[Json]:
        """The papers that these answers call for."""
        return [each for each in self.procedure["documents"] if wanted(each, self.answers)]

    def files_of(self, document: str) -> list[Json]:
        return [each for each in self.files if each["document"] == document]

    def parts(self) -> list[tuple[str, str, Any]]:
        """The way through: (kind or step id, address, step or None), as the progress list shows it."""
        steps = [(step.id, address(self.id, step.number), step) for step in self.form.walk(self.answers)]
        papers = [(PAPERS, url_for("form_papers.papers", draft=self.id), None)] if self.documents else []
        return [*steps, *papers, (CHECK, url_for("form_check.check", draft=self.id), None)]

    def around(self, here: str) -> tuple[str | None, str | None]:
        """The addresses before and after a part of the way."""
        parts = self.parts()
        at = next((n for n, part in enumerate(parts) if part[0] == here), 0)
        before = parts[at - 1][1] if at else None
        return before, parts[at + 1][1] if at + 1 < len(parts) else None

    def step(self, number: int) -> Step | None:
        return self.form.steps[number - 1] if 0 < number <= len(self.form.steps) else None


def wanted(document: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Whether a paper belongs to this case."""
    when = document.get("when")
    return not when or answers.get(when["field"]) in when["values"]


def address(draft: UUID, number: int) -> str:
    return url_for("form.step", draft=draft, number=number)


def load(draft: UUID) -> Draft:
    """Problem 404 when it is not this person's; AlreadySent when it was submitted."""
    return read(call("GET", f"/dossiers/{draft}"))


def read(answer: Answer) -> Draft:
    body = answer.body
    if body["state"] != "draft":
        raise AlreadySent(body["code"])
    chosen = body["procedure"]
    procedure = call("GET", f"/procedures/{chosen['code']}", query={"version": chosen["version"]}).body
    return Draft(
        id=UUID(body["id"]),
        version=answer.etag or "",
        procedure=procedure,
        agency=body["agency"],
        form=Form.of(procedure["form"]),
        answers=body["form"],
        files=body["files"],
        missing=body["missing"],
        saved_at=body["changed_at"],
    )


def save(draft: UUID, answers: Json, version: str) -> Answer:
    """Problem 412 when the draft changed since `version`, 422 when the service takes an answer ill."""
    return call("PUT", f"/dossiers/{draft}/form", answers, headers={"If-Match": version})


def for_applicants(page: Callable[P, Any]) -> Callable[P, Any]:
    """For citizens and businesses logged in. After logging in they are back on this very page; a draft
    that was sent meanwhile leads to its dossier."""
    guarded = signed_in("citizen", "business")(page)

    @wraps(page)
    def led(*args: P.args, **kwargs: P.kwargs) -> Any:
        if viewer() is None and request.method == "POST":
            return redirect(url_for("login.form", next=request.full_path.rstrip("?"), ended=1))
        try:
            return guarded(*args, **kwargs)
        except AlreadySent as sent:
            return to_dossier(sent.code)

    return led


def checked(code: str) -> str:
    """A dossier's code from an address, as it is written. NotFound (404) for what cannot be one."""
    try:
        return str(parse_dossier_code(code))
    except Refusal:
        abort(404)


def to_dossier(code: str) -> Response:
    return redirect(url_for("account.dossier", code=code), 303)
