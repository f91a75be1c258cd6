"""Taking one's data along, closing the account, and stopping what waits for its cooling-off time."""

from typing import Any

from chassis import audit
from chassis.auth import allow, principal
from chassis.web import api, ports, unit_of_work
from services.identity import queries, schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import coolings, credentials, export
from services.identity.model.cooling import Cooling
from services.identity.routes.again import password_again

blueprint = api("leaving")
FILE = {"Content-Disposition": 'attachment; filename="motcua.json"', "Cache-Control": "no-store"}


@blueprint.route("/account/export", methods=["POST"])
@allow("citizen", "business", "official", "operator")
@blueprint.arguments(schemas.AgainBody)
@blueprint.response(200, schemas.ExportAnswer)
def take_along(body: dict[str, str]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Everything that is kept of the person here, and where the rest is. With the password again."""
    who = password_again(body["current_password"])
    with unit_of_work() as uow:
        audit.record(uow, audit.caller(), "data-exported", who)
        return export.of(uow, who), 200, FILE


@blueprint.route("/account/closing", methods=["POST"])
@allow("citizen", "business")
@blueprint.arguments(schemas.AgainBody)
@blueprint.response(202, schemas.CoolingAnswer)
def close(body: dict[str, str]) -> Cooling:
    """After COOLING_OFF nothing personal is left, but for dossiers: they are the agencies' records by law."""
    who, rules = password_again(body["current_password"]), ports(IdentityPorts).rules
    with unit_of_work() as uow:
        return coolings.begin(uow, rules, credentials.owned(uow, who), "closing")


@blueprint.route("/account/cooling-offs", methods=["GET"])
@allow("citizen", "business", "official", "operator")
@blueprint.response(200, schemas.CoolingsAnswer)
def list_coolings() -> dict[str, Any]:
    """What will happen to the account unless it is stopped."""
    with unit_of_work() as uow:
        return {"items": queries.coolings_of(uow, principal().account)}


@blueprint.route("/account/cooling-offs/<any(recovery, closing):purpose>", methods=["DELETE"])
@allow("citizen", "business", "official", "operator")
@blueprint.response(204)
def stop(purpose: Any) -> None:
    """By the owner, from any session. NotFound when nothing of the kind waits."""
    with unit_of_work() as uow:
        coolings.stop(uow, queries.cooling_of(uow, principal().account, purpose))


@blueprint.route("/cooling-offs/stopping", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.StopBody)
@blueprint.response(200, schemas.StoppedAnswer)
def stop_by_link(body: dict[str, str]) -> dict[str, str]:
    """With the code of the link in a notice: 256 random bits, which can do nothing else."""
    with unit_of_work() as uow:
        found = queries.cooling_to_stop(uow, coolings.digest_of_code(body["code"]))
        return {"purpose": coolings.stop(uow, found)}
