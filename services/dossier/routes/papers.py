"""Files of one's own dossier."""

from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import Response, request, send_file

from chassis.auth import allow
from chassis.idempotency import idempotent
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, ports, unit_of_work
from services.dossier import queries
from services.dossier.adapters.ports import DossierPorts
from services.dossier.commands import files
from services.dossier.model.dossier import Dossier
from services.dossier.routes import shown
from services.dossier.routes.whose import whose
from services.dossier.schemas import outgoing
from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text

blp = api("papers")
BINARY = {"type": "string", "format": "binary"}
# flask-smorest puts form and file arguments into `in: formData`, which OpenAPI 3.1 does not have.
UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["document", "file"],
                "properties": {"document": {"type": "string"}, "file": BINARY},
            }
        }
    },
}


@blp.route("/dossiers/<key>/files", methods=["POST"])
@allow("citizen", "business", deeds=("prepare",))
@idempotent()
@blp.response(201, outgoing.File)
@blp.doc(requestBody=UPLOAD)
def attach(key: str) -> dict[str, Any]:
    """Attach a paper to a draft: PDF, JPEG, PNG or DOCX."""
    document, name, stream = _upload()
    me, there = whose(), ports(DossierPorts)
    with unit_of_work() as uow:
        files.check_place(uow, me, key, document, there.most_files)
    stored = files.store(there.storage, stream, document, name)
    with unit_of_work() as uow:
        return shown.file(uow, me.account, files.attach(uow, me, key, stored, there.most_files))


@blp.route("/dossiers/<key>/files/<uuid:file>", methods=["GET"])
@allow("citizen", "business", deeds=("prepare", "follow"))
@blp.response(200, BINARY, content_type="application/octet-stream")
def read(key: str, file: UUID) -> Response:
    """Download a file of one's own draft or dossier."""
    with unit_of_work() as uow:
        dossier = queries.own(uow, whose(), key)
        return download(uow, dossier, file)


@blp.route("/dossiers/<key>/files/<uuid:file>", methods=["DELETE"])
@allow("citizen", "business", deeds=("prepare",))
@blp.response(204)
def detach(key: str, file: UUID) -> None:
    """Take a file off a draft."""
    with unit_of_work() as uow:
        files.detach(uow, whose(), key, file)


def download(uow: UnitOfWork, dossier: Dossier, id: UUID) -> Response:
    """Saved, never shown: the browser must not run what somebody else attached."""
    file = queries.file_of(dossier, id)
    content = ports(DossierPorts).storage.open(file.stored_as)
    name = uow.reveal(dossier.applicant, file.name)
    answer: Response = send_file(content, file.media_type, as_attachment=True, download_name=name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Content-Length"] = str(file.size)
    return answer


def _upload() -> tuple[str, str, BinaryIO]:
    document, file = request.form.get("document", ""), request.files.get("file")
    wanting = [name for name, given in (("document", document), ("file", file)) if not given]
    if wanting or file is None:
        text = Text("Mục này là bắt buộc.", "This is required.")
        raise Invalid("invalid", text.vi, text.en, [Fault(f"/{name}", "required", text) for name in wanting])
    return document, file.filename or "", cast(BinaryIO, file.stream)
