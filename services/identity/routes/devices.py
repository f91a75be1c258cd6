"""Where somebody is logged in, and ending it."""

from typing import Any
from uuid import UUID

from chassis import audit
from chassis.auth import allow, principal
from chassis.web import api, ports, unit_of_work
from services.identity import queries, schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import sessions
from services.identity.model.session import no_such_session

blueprint = api("devices")
EVERYBODY = ("citizen", "business", "official", "operator")
NEVER_KEPT = {"Cache-Control": "no-store"}


@blueprint.route("/account/sessions", methods=["GET"])
@allow(*EVERYBODY)
@blueprint.response(200, schemas.SessionsAnswer)
def list_sessions() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Open ones, seen last first."""
    who = principal()
    with unit_of_work() as uow:
        found = queries.open_sessions(uow, who.account)
    items = [{**vars(session), "current": session.id == who.session} for session in found]
    return {"items": items}, 200, NEVER_KEPT


@blueprint.route("/sessions/ended", methods=["GET"])
@allow("anyone")
@blueprint.response(200, schemas.EndedAnswer)
def list_ended() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Sessions ended from elsewhere whose access tokens may still be good: for the gateway, which refuses
    them. An id alone opens nothing."""
    lifetime = ports(IdentityPorts).rules.access_lifetime
    with unit_of_work() as uow:
        return {"items": queries.ended_since(uow, uow.now() - lifetime)}, 200, NEVER_KEPT


@blueprint.route("/account/sessions/<uuid:id>", methods=["DELETE"])
@allow(*EVERYBODY)
@blueprint.response(204)
def end_session(id: UUID) -> None:
    """Its refresh tokens are worth nothing at once; an access token lives out its minutes at services."""
    with unit_of_work() as uow:
        if sessions.end(uow, principal().account, id, "elsewhere") is None:
            raise no_such_session()


@blueprint.route("/account/sessions", methods=["DELETE"])
@allow(*EVERYBODY)
@blueprint.response(204)
def log_out_everywhere() -> None:
    """This one too. Every other device is unknown from now on: whoever logs in from it needs a code."""
    who = principal()
    with unit_of_work() as uow:
        current = sessions.end(uow, who.account, who.session, "everywhere") if who.session else None
        sessions.end_all(uow, who.account, "everywhere")
        sessions.forget_devices(uow, who.account, but=current.device if current else None)
        audit.record(uow, audit.caller(), "logged-out-everywhere", who.account)
