"""The pages' side of signing in to others: a request, the person's answer, what they allowed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.auth import allow, principal
from chassis.web import api, ports, unit_of_work
from services.identity import queries, schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands.sign_on import access, logout, requests
from services.identity.commands.sign_on.logout import Leaving
from services.identity.commands.sign_on.requests import Step

blueprint = api("sign-on")


@blueprint.route("/oauth2/requests", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.SignOnBody)
@blueprint.response(201, schemas.StepAnswer)
def begin(body: dict[str, Any]) -> Step:
    """An authorization request, as it came to the page. It waits for the person."""
    with unit_of_work() as uow:
        return requests.begin(uow, ports(IdentityPorts).rules, body["query"], body["signed_in"])


@blueprint.route("/oauth2/requests/<uuid:id>/steps", methods=["POST"])
@allow("citizen", "business")
@blueprint.arguments(schemas.DecisionBody)
@blueprint.response(201, schemas.StepAnswer)
def go_on(body: dict[str, Any], id: UUID) -> Step:
    """What comes next for whoever is logged in; with their decision when they were asked."""
    who = principal()
    with unit_of_work() as uow:
        rules = ports(IdentityPorts).rules
        return requests.go_on(uow, rules, id, who.session, who.assurance, body["decision"])


@blueprint.route("/oauth2/logouts", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.LogoutBody)
@blueprint.response(201, schemas.LogoutAnswer)
def leave(body: dict[str, Any]) -> Leaving:
    """Who asks that the person log out, and where they go then. It ends nothing: the page asks first."""
    with unit_of_work() as uow:
        return logout.leaving(uow, body["query"])


@blueprint.route("/account/consents", methods=["GET"])
@allow("citizen", "business")
@blueprint.response(200, schemas.ConsentsAnswer)
def list_consents() -> dict[str, Sequence[Any]]:
    """Who may learn what of the person, newest first."""
    with unit_of_work() as uow:
        return {"items": queries.consents_of(uow, principal().account)}


@blueprint.route("/account/consents/<uuid:relying_party>", methods=["DELETE"])
@allow("citizen", "business")
@blueprint.response(204)
def take_back(relying_party: UUID) -> None:
    """It may learn nothing any more: its tokens for this person end. Twice is no error."""
    with unit_of_work() as uow:
        access.take_back(uow, principal().account, relying_party)
