from typing import Any
from uuid import UUID

from flask import Response, jsonify

from chassis.auth import ANY_DEED, allow, principal
from chassis.web import api, language, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import login, sessions
from services.identity.commands.sessions import Granted
from services.identity.model import limits
from services.identity.model.login import Login, login_failed
from services.identity.model.rules import Rules
from services.identity.model.session import log_in_again
from services.identity.routes import guarding
from services.identity.routes.caller import browser, network
from services.identity.routes.captcha import spend

blueprint = api("sessions")


@blueprint.route("/sessions", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.LoginBody)
@blueprint.response(201, schemas.TokensAnswer)
@blueprint.alt_response(202, schema=schemas.AwaitingCodeAnswer, description="A new device: a code was sent")
def log_in(body: dict[str, Any]) -> Granted | Response:
    """The same answer in the same time for a login that does not exist and for a wrong password."""
    outside = ports(IdentityPorts)
    spend(body["captcha"])
    with unit_of_work() as uow:
        tried = login.attempt(uow, outside.rules, body["login"], body.get("device"), network())
        if tried.device is None:
            guarding.count(uow, limits.address_failures(outside.rules))
    if not outside.passwords.match(tried.password_hash, body["password"]):
        raise login_failed()
    with unit_of_work() as uow:
        done = login.finish(
            uow, outside.rules, outside.passwords, tried, body["password"], language(), browser(), network()
        )
        if tried.device is None:
            guarding.forgive(uow, limits.address_failures(outside.rules))
    return waiting(done, outside.rules) if isinstance(done, Login) else done


@blueprint.route("/sessions/<uuid:id>/confirmation", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.CodeBody)
@blueprint.response(201, schemas.TokensAnswer)
def confirm(body: dict[str, str], id: UUID) -> Granted:
    """The code from the phone; the device is known from now on."""
    rules = ports(IdentityPorts).rules
    with unit_of_work() as uow:
        guarding.count(uow, limits.address_failures(rules))
        login.spend_a_try(uow, rules, id)
    with unit_of_work() as uow:
        guarding.forgive(uow, limits.address_failures(rules))
        return login.confirm(uow, rules, id, body["code"], browser(), network())


@blueprint.route("/sessions/refresh", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.RefreshBody)
@blueprint.response(201, schemas.TokensAnswer)
def refresh(body: dict[str, str]) -> Granted:
    """A new pair of tokens; the refresh token given stops working."""
    with unit_of_work() as uow:
        granted = sessions.refresh(uow, ports(IdentityPorts).rules, body["refresh_token"])
    if granted is None:
        raise log_in_again()
    return granted


@blueprint.route("/sessions/current", methods=["DELETE"])
@allow("citizen", "business", "official", "operator", "auditor", deeds=(ANY_DEED,))
@blueprint.response(204)
def log_out() -> None:
    """Ends the session on this device: no refresh token of it works any more."""
    session = principal().session
    if session:
        with unit_of_work() as uow:
            sessions.end(uow, principal().account, session)


def waiting(started: Login, rules: Rules) -> Response:
    answer = jsonify(
        id=str(started.id),
        state="awaiting-code",
        resend_after=int(rules.code_resend_after.total_seconds()),
    )
    answer.status_code = 202
    return answer
