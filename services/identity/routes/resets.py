"""A forgotten password."""

from typing import Any
from uuid import UUID

from chassis.auth import allow
from chassis.web import api, language, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import resets
from services.identity.model import limits
from services.identity.model.changes import PasswordReset
from services.identity.model.password import check_password
from services.identity.routes import guarding
from services.identity.routes.captcha import spend

blueprint = api("password-resets")


@blueprint.route("/password-resets", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.ForgottenBody)
@blueprint.response(202, schemas.WaitingAnswer)
def ask(body: dict[str, Any]) -> dict[str, Any]:
    """A code goes to the account's phone within seconds if everything is right.

    The answer, and the time it takes, are the same if not. At most CODES_PER_DAY a day.
    """
    rules = ports(IdentityPorts).rules
    spend(body["captcha"])
    born = body["date_of_birth"].isoformat()
    with unit_of_work() as uow:
        guarding.count(uow, limits.address_registrations(rules))
        reset = resets.ask(uow, rules, body["login"], body["full_name"], born, language())
    return {
        "id": reset.id,
        "state": "awaiting-code",
        "expires_at": reset.expires_at,
        "resend_after": int(rules.code_resend_after.total_seconds()),
    }


@blueprint.route("/password-resets/<uuid:id>/confirmation", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.CodeBody)
@blueprint.response(200, schemas.ConfirmedAnswer)
def confirm(body: dict[str, str], id: UUID) -> PasswordReset:
    """The code from the phone. Five tries."""
    rules = ports(IdentityPorts).rules
    with unit_of_work() as uow:
        guarding.count(uow, limits.address_failures(rules))
        resets.spend_a_try(uow, rules, id)
    with unit_of_work() as uow:
        guarding.forgive(uow, limits.address_failures(rules))
        guarding.forgive(uow, limits.address_registrations(rules))
        return resets.confirm(uow, rules, id, body["code"])


@blueprint.route("/password-resets/<uuid:id>/password", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.PasswordBody)
@blueprint.response(204)
def set_password(body: dict[str, str], id: UUID) -> None:
    """Once. Every session ends; log in with the new password then."""
    passwords = ports(IdentityPorts).passwords
    with unit_of_work() as uow:
        login = resets.login_of(uow, id)
    check_password(body["password"], login, passwords.common)
    password_hash = passwords.hash(body["password"])
    with unit_of_work() as uow:
        resets.finish(uow, id, password_hash)
