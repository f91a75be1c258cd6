from typing import Any
from uuid import UUID

from chassis.auth import allow
from chassis.idempotency import idempotent
from chassis.web import api, language, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import registration
from services.identity.model.password import check_password
from services.identity.model.person import Person
from services.identity.model.registration import Registration, check_method
from services.identity.model.rules import Rules
from services.identity.routes.captcha import spend

blueprint = api("registrations")


@blueprint.route("/registrations", methods=["POST"])
@allow("anyone")
@idempotent()
@blueprint.arguments(schemas.RegistrationBody)
@blueprint.response(201, schemas.RegistrationAnswer)
def register(body: dict[str, Any]) -> dict[str, Any]:
    """Say who you are; a code goes to the phone if the operator's register agrees."""
    check_method(body["kind"], body["method"])
    person = person_of(body["person"])
    outside = ports(IdentityPorts)
    spend(body["captcha"])
    registration.check_with_register(outside.sim_register, person)
    with unit_of_work() as uow:
        started = registration.begin(uow, outside.rules, person, language())
    return waiting(started, outside.rules)


@blueprint.route("/registrations/<uuid:id>/code", methods=["POST"])
@allow("anyone")
@blueprint.response(202, schemas.RegistrationAnswer)
def send_code_again(id: UUID) -> dict[str, Any]:
    """Another code to the same phone; the one before stops working."""
    rules = ports(IdentityPorts).rules
    with unit_of_work() as uow:
        started = registration.send_code_again(uow, rules, id, language())
    return waiting(started, rules)


@blueprint.route("/registrations/<uuid:id>/confirmation", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.CodeBody)
@blueprint.response(200, schemas.ConfirmedAnswer)
def confirm(body: dict[str, str], id: UUID) -> Registration:
    """The code from the phone. Five tries."""
    rules = ports(IdentityPorts).rules
    with unit_of_work() as uow:
        registration.spend_a_try(uow, rules, id)
    with unit_of_work() as uow:
        return registration.confirm(uow, rules, id, body["code"])


@blueprint.route("/registrations/<uuid:id>/account", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.PasswordBody)
@blueprint.response(201, schemas.NewAccountAnswer)
def set_password(body: dict[str, str], id: UUID) -> dict[str, Any]:
    """The last step: the account is made."""
    passwords = ports(IdentityPorts).passwords
    with unit_of_work() as uow:
        login = registration.person_to_be(uow, id).login
    check_password(body["password"], login, passwords.common)
    password_hash = passwords.hash(body["password"])
    with unit_of_work() as uow:
        account, person = registration.finish(uow, id, password_hash)
    return {"account_id": account.id, "login": person.login, "assurance": account.assurance}


def person_of(body: dict[str, Any]) -> Person:
    return Person(
        login=body["id_number"],
        full_name=body["full_name"],
        phone=body["phone"],
        email=body.get("email"),
        id_number=body["id_number"],
        date_of_birth=body["date_of_birth"],
    )


def waiting(started: Registration, rules: Rules) -> dict[str, Any]:
    return {
        "id": started.id,
        "state": started.state,
        "expires_at": started.expires_at,
        "resend_after": int(rules.code_resend_after.total_seconds()),
    }
