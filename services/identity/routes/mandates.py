"""Mandates: given and accepted by the two accounts, and acted by within a session."""

from typing import Any
from uuid import UUID

from chassis.auth import ANY_DEED, allow, principal
from chassis.idempotency import idempotent
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, ports, unit_of_work
from services.identity import queries
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import mandates, sessions
from services.identity.model.account import Account
from services.identity.model.mandate import Mandate
from services.identity.model.session import LoginSession, log_in_again
from services.identity.queries import mandates as found
from services.identity.schemas import mandates as schemas

blueprint = api("mandates")


@blueprint.route("/mandates", methods=["POST"])
@allow("citizen", "business")
@idempotent()
@blueprint.arguments(schemas.MandateBody)
@blueprint.response(201, schemas.MandateAnswer)
def give(body: dict[str, Any]) -> dict[str, Any]:
    """Let somebody act for you, once they accept. The answer does not say whether the login exists."""
    with unit_of_work() as uow:
        made = mandates.give(uow, principal().account, **body)
        return _shown(uow, made, None)


@blueprint.route("/mandates", methods=["GET"])
@allow("citizen", "business")
@blueprint.response(200, schemas.MandateLists)
def list_mandates() -> dict[str, Any]:
    """Those given, and those offered to you or accepted."""
    with unit_of_work() as uow:
        me = uow.session.get_one(Account, principal().account)
        given = [_shown(uow, each, each.agent) for each in found.given(uow, me.id)]
        received = [_shown(uow, each, each.giver) for each in found.received(uow, me)]
    return {"given": given, "received": received}


@blueprint.route("/mandates/<uuid:id>/acceptance", methods=["POST"])
@allow("citizen", "business")
@blueprint.response(200, schemas.MandateAnswer)
def accept(id: UUID) -> dict[str, Any]:
    """Yes, I act for them. The giver is told."""
    with unit_of_work() as uow:
        accepted = mandates.accept(uow, principal().account, id)
        return _shown(uow, accepted, accepted.giver)


@blueprint.route("/mandates/<uuid:id>", methods=["DELETE"])
@allow("citizen", "business")
@blueprint.response(204)
def end(id: UUID) -> None:
    """By either of the two; both are told. Access tokens that act by it end within ACCESS_LIFETIME."""
    with unit_of_work() as uow:
        mandates.end(uow, principal().account, id)


@blueprint.route("/sessions/current/mandate", methods=["POST"])
@allow("citizen", "business", deeds=(ANY_DEED,))
@blueprint.arguments(schemas.ActingBody)
@blueprint.response(200, schemas.ActingAnswer)
def act(body: dict[str, Any]) -> dict[str, Any]:
    """Act by a mandate from now on: the token's `sub` is acted for, `act.sub` acts (RFC 8693 §4.1)."""
    with unit_of_work() as uow:
        return _granted(uow, mandates.act(uow, _session(), principal().person, body["mandate"]))


@blueprint.route("/sessions/current/mandate", methods=["DELETE"])
@allow("citizen", "business", deeds=(ANY_DEED,))
@blueprint.response(200, schemas.ActingAnswer)
def stop() -> dict[str, Any]:
    """Be oneself again."""
    with unit_of_work() as uow:
        return _granted(uow, mandates.stop(uow, _session()))


def _session() -> UUID:
    session = principal().session
    if session is None:
        raise log_in_again()
    return session


def _granted(uow: UnitOfWork, session: LoginSession) -> dict[str, Any]:
    if not session.is_open(uow.now()):
        raise log_in_again()
    token, lifetime = sessions.access(uow, ports(IdentityPorts).rules, session)
    return {"access_token": token, "expires_in": int(lifetime.total_seconds())}


def _shown(uow: UnitOfWork, mandate: Mandate, other: UUID | None) -> dict[str, Any]:
    account = other and queries.account(uow, other)
    names = ("id", "deeds", "procedures", "given_at", "expires_at")
    return {
        **{name: getattr(mandate, name) for name in names},
        "state": mandate.state(uow.now()),
        "with_name": queries.person_of(uow, account).holder_name if account else None,
    }
