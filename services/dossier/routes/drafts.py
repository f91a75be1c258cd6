"""From a draft to its submission."""

from typing import Any

from flask import request

from chassis.auth import allow, principal
from chassis.idempotency import idempotent
from chassis.web import api, changes_version, etag, expected_version, language, unit_of_work
from services.dossier.commands import drafts, submission
from services.dossier.routes import shown
from services.dossier.routes.whose import whose
from services.dossier.schemas import incoming, outgoing
from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text

blp = api("drafts")
ANSWERS = {
    "required": True,
    "description": "What the procedure's own form asks; its JSON Schema is in the catalogue.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}
Answer = tuple[dict[str, Any], int, dict[str, str]]


@blp.route("/dossiers", methods=["POST"])
@allow("citizen", "business", deeds=("prepare",))
@idempotent()
@blp.arguments(incoming.DraftBody)
@blp.response(201, outgoing.OwnDossier)
def begin(body: dict[str, Any]) -> Answer:
    """Begin a draft of a procedure's dossier."""
    me = principal()
    with unit_of_work() as uow:
        draft = drafts.begin(uow, whose(), me.kind, me.assurance, **body)
        return shown.own(uow, draft, language()), 201, {"ETag": etag(draft.version)}


@blp.route("/dossiers/<key>/form", methods=["PUT"])
@allow("citizen", "business", deeds=("prepare",))
@changes_version
@blp.response(200, outgoing.OwnDossier)
@blp.doc(requestBody=ANSWERS)
def save_form(key: str) -> Answer:
    """Save a draft's answers, all that there are so far. Needs If-Match."""
    given = _answers()
    with unit_of_work() as uow:
        draft = drafts.save_form(uow, whose(), key, given, expected_version())
        return shown.own(uow, draft, language()), 200, {"ETag": etag(draft.version)}


@blp.route("/dossiers/<key>", methods=["DELETE"])
@allow("citizen", "business", deeds=("prepare",))
@blp.response(204)
def discard(key: str) -> None:
    """Throw a draft away."""
    with unit_of_work() as uow:
        drafts.discard(uow, whose(), key)


@blp.route("/dossiers/<key>/submission", methods=["POST"])
@allow("citizen", "business", deeds=("submit",))
@idempotent(required=True)
@blp.response(201, outgoing.Submission)
def submit(key: str) -> dict[str, Any]:
    """Send the draft. Needs Idempotency-Key; 422 lists everything that is missing at once."""
    me = principal()
    with unit_of_work() as uow:
        dossier = submission.submit(uow, whose(), me.kind, me.assurance, key)
        return shown.submission(uow, dossier, language())


def _answers() -> dict[str, Any]:
    """The body, which must be there: read as webargs does, a missing one would empty the form."""
    given = request.get_json()
    if not isinstance(given, dict):
        text = Text("Gửi các câu trả lời trong một đối tượng JSON.", "Send the answers as one JSON object.")
        raise Invalid("invalid", text.vi, text.en, [Fault("", "type", text)])
    return given
