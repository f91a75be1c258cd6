"""The clients of an agency's back office, for its administrators."""

from typing import Any
from uuid import UUID

from chassis.auth import allow, principal
from chassis.web import api, unit_of_work
from services.identity.commands import clients
from services.identity.commands.officials import administrators_with
from services.identity.model.client import Client
from services.identity.routes.officials import ADMINISTRATORS
from services.identity.schemas import clients as schemas

blueprint = api("clients")


@blueprint.route("/agency/clients", methods=["GET"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.response(200, schemas.ClientList)
def list_clients() -> dict[str, Any]:
    """All of the agency's, oldest first; revoked ones too."""
    me = principal()
    with unit_of_work() as uow:
        administrators_with(uow, me.account, me.agency)
        return {"items": [_shown(each) for each in clients.listed(uow, me.agency)]}


@blueprint.route("/agency/clients", methods=["POST"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.arguments(schemas.ClientBody)
@blueprint.response(201, schemas.ClientAnswer)
def create(body: dict[str, Any]) -> dict[str, Any]:
    """Make a client: one that signs with a key of its own, or one with a secret."""
    me = principal()
    agency = me.agency or ""
    with unit_of_work() as uow:
        administrators_with(uow, me.account, agency)
        if "keys" in body:
            return _shown(clients.create_with_keys(uow, agency, body["name"], body["keys"], body["scopes"]))
        made, secret = clients.create(uow, agency, body["name"], body["scopes"])
        return _shown(made) | {"client_secret": secret}


@blueprint.route("/agency/clients/<uuid:id>/keys", methods=["PUT"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.arguments(schemas.KeysBody)
@blueprint.response(200, schemas.ClientAnswer)
def change_keys(body: dict[str, Any], id: UUID) -> dict[str, Any]:
    """All its keys anew. A secret it had is no longer good."""
    me = principal()
    with unit_of_work() as uow:
        administrators_with(uow, me.account, me.agency)
        return _shown(clients.change_keys(uow, id, body["keys"], me.agency))


@blueprint.route("/agency/clients/<uuid:id>", methods=["DELETE"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.response(204)
def revoke(id: UUID) -> None:
    """It gets no more tokens; those it has end within ACCESS_LIFETIME."""
    me = principal()
    with unit_of_work() as uow:
        administrators_with(uow, me.account, me.agency)
        clients.revoke(uow, id, me.agency)


def _shown(client: Client) -> dict[str, Any]:
    names = ("name", "scopes", "created_at", "last_used_at", "revoked_at")
    shown = {name: getattr(client, name) for name in names}
    return {"client_id": client.id, "signs": bool(client.keys), **shown}
