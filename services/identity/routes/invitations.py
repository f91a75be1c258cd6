"""Inviting officials, and accepting: whoever holds the link sets the password."""

from typing import Any
from uuid import UUID

from chassis.auth import allow, principal
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, language, ports, unit_of_work
from services.identity import queries
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import invitations
from services.identity.commands.officials import administrators_with
from services.identity.model.invitation import Invitation
from services.identity.model.password import check_password
from services.identity.model.person import Person
from services.identity.routes.officials import ADMINISTRATORS
from services.identity.schemas import NewAccountAnswer
from services.identity.schemas import officials as schemas
from vocabulary.people import mask_phone

blueprint = api("invitations")


@blueprint.route("/agency/officials/invitations", methods=["POST"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.arguments(schemas.InvitationBody)
@blueprint.response(201, schemas.InvitationAnswer)
def invite(body: dict[str, Any]) -> dict[str, Any]:
    """Invite somebody to the agency's desk. The link works once, for INVITATION_LIFETIME.

    409 when the login is taken or invited already: sent twice, it invites once.
    """
    person = Person(body["login"], body["full_name"], body["phone"], body.get("email"))
    lifetimes, me = ports(IdentityPorts).rules, principal()
    with unit_of_work() as uow:
        made, link = invitations.invite(
            uow, lifetimes, me.account, me.agency or "", person, body["roles"], body["send"], language()
        )
    return _shown(made, person) | ({"link": link} if link else {})


@blueprint.route("/agency/officials/invitations", methods=["GET"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.response(200, schemas.InvitationList)
def list_open() -> dict[str, Any]:
    """Those that wait, oldest first; at most 100 at a time."""
    me = principal()
    with unit_of_work() as uow:
        administrators_with(uow, me.account, me.agency)
        found = queries.open_invitations(uow, me.agency or "")
        uow.fetch_keys([each.id for each in found])
        return {"items": [_shown(each, queries.person_of(uow, each)) for each in found]}


@blueprint.route("/agency/officials/invitations/<uuid:id>", methods=["DELETE"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.response(204)
def revoke(id: UUID) -> None:
    """Its link leads nowhere from now on."""
    me = principal()
    with unit_of_work() as uow:
        invitations.revoke(uow, me.account, me.agency or "", id)


@blueprint.route("/invitations/details", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.TokenBody)
@blueprint.response(200, schemas.InvitedAnswer)
def show(body: dict[str, str]) -> dict[str, Any]:
    """What one is invited to. A POST, so that the token is in no address and no log."""
    with unit_of_work() as uow:
        return _invited(uow, body["token"])


@blueprint.route("/invitations/acceptance", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.AcceptanceBody)
@blueprint.response(201, NewAccountAnswer)
def accept(body: dict[str, str]) -> dict[str, Any]:
    """Set the password: the account is made, and the link is used up."""
    passwords = ports(IdentityPorts).passwords
    with unit_of_work() as uow:
        login = invitations.opened(uow, body["token"])[1].login
    check_password(body["password"], login, passwords.common)
    password_hash = passwords.hash(body["password"])
    with unit_of_work() as uow:
        account = invitations.accept(uow, body["token"], password_hash, language())
    return {"account_id": account.id, "login": login, "assurance": account.assurance}


def _invited(uow: UnitOfWork, token: str) -> dict[str, Any]:
    invitation, person = invitations.opened(uow, token)
    return {
        "agency": invitation.agency,
        "login": person.login,
        "full_name": person.full_name,
        "phone": mask_phone(person.phone),
        "roles": invitation.roles,
        "expires_at": invitation.expires_at,
    }


def _shown(invitation: Invitation, person: Person) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "login": person.login,
        "full_name": person.full_name,
        "roles": invitation.roles,
        "invited_at": invitation.invited_at,
        "expires_at": invitation.expires_at,
    }
