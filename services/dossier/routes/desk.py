"""The agency's desk: for its officials at the page and its back office over the API."""

from typing import Any, get_args
from uuid import UUID

from flask import Response

from chassis import audit, paging
from chassis.auth import Principal, allow, principal
from chassis.db import new_id
from chassis.idempotency import idempotent
from chassis.web import api, changes_version, etag, expected_version, language, unit_of_work, units_of_work
from services.dossier import queries
from services.dossier.commands import decisions
from services.dossier.model.history import Actor
from services.dossier.model.workflow import Role
from services.dossier.routes import shown
from services.dossier.routes.own import position
from services.dossier.routes.papers import BINARY, download
from services.dossier.schemas import incoming, outgoing
from vocabulary.refusals import Refusal

blp = api("desk")
ROLES = get_args(Role)
"""Who only administers the agency's accounts does not read its dossiers."""


@blp.route("/desk/dossiers", methods=["GET"])
@allow("official", "agency", roles=ROLES, scope="desk")
@blp.arguments(incoming.DeskListQuery, location="query")
@blp.response(200, outgoing.DeskPage)
def list_desk(query: dict[str, Any]) -> Any:
    """The agency's dossiers, the one due first on top."""
    cursor, limit = paging.read()
    after = position(cursor)
    with unit_of_work() as uow:
        rows = queries.desk_list(uow, principal().agency, query["status"], query["overdue"], after, limit)
        items = [shown.desk_head(row, language(), uow.now()) for row in rows]
    return shown.page(rows, limit, "deadline", items)


@blp.route("/desk/dossiers/<code>", methods=["GET"])
@allow("official", "agency", roles=ROLES, scope="desk")
@blp.response(200, outgoing.DeskDossier)
def read(code: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """One of the agency's dossiers, with everything needed to decide it."""
    with unit_of_work() as uow:
        found = queries.at_desk(uow, principal().agency, code)
        audit.looked(uow, "dossier", found.applicant, code)
        return shown.desk(uow, found, language(), roles_of(principal())), 200, {"ETag": etag(found.version)}


@blp.route("/desk/dossiers/<code>/files/<uuid:file>", methods=["GET"])
@allow("official", "agency", roles=ROLES, scope="desk")
@blp.response(200, BINARY, content_type="application/octet-stream")
def read_file(code: str, file: UUID) -> Response:
    """Download a paper of one of the agency's dossiers."""
    with unit_of_work() as uow:
        found = queries.at_desk(uow, principal().agency, code)
        audit.looked(uow, "file", found.applicant, code)
        return download(uow, found, file)


@blp.route("/desk/dossiers/<code>/decisions", methods=["POST"])
@allow("official", "agency", roles=ROLES, scope="desk")
@idempotent()
@changes_version
@blp.arguments(incoming.DecisionBody)
@blp.response(201, outgoing.DeskDossier)
def decide(body: dict[str, Any], code: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Decide. Needs If-Match; 403 without the role for it, 409 when the present status does not allow it."""
    me, version, id = principal(), expected_version(), body["decision_id"]
    by = Actor("agency", me.account, me.agency, roles_of(me))
    try:
        with unit_of_work() as uow:
            found = decisions.decide(uow, by, code, body["action"], body["reason"], version, id)
            return shown.desk(uow, found, language(), by.roles), 201, {"ETag": etag(found.version)}
    except Refusal as refusal:
        if me.kind == "agency":
            _record(me, code, body, refusal)
        raise


def roles_of(caller: Principal) -> frozenset[str] | None:
    """An official's; None for a back office."""
    return caller.roles if caller.kind == "official" else None


def _record(client: Principal, code: str, body: dict[str, Any], refusal: Refusal) -> None:
    """In a transaction of its own: the refused one is rolled back."""
    with units_of_work()() as uow:
        decisions.record_refused(
            uow,
            refusal,
            message=new_id(),
            decision=body["decision_id"],
            account=str(client.account),
            agency=client.agency,
            code=code,
            action=body["action"],
        )
