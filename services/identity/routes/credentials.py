"""Password, e-mail and phone of one's own account."""

from typing import Any
from uuid import UUID

from chassis.auth import allow, principal
from chassis.web import api, language, ports, unit_of_work
from services.identity import queries, schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import credentials, registers
from services.identity.model.changes import PhoneChange
from services.identity.model.methods import METHODS
from services.identity.model.password import check_password
from services.identity.model.rules import Rules
from services.identity.routes.again import password_again

blueprint = api("credentials")


@blueprint.route("/account/password", methods=["PUT"])
@allow("citizen", "business", "official", "operator")
@blueprint.arguments(schemas.NewPasswordBody)
@blueprint.response(204)
def change_password(body: dict[str, str]) -> None:
    """Every other session ends."""
    who, passwords = password_again(body["current_password"]), ports(IdentityPorts).passwords
    with unit_of_work() as uow:
        login = queries.person_of(uow, credentials.owned(uow, who)).login
    check_password(body["password"], login, passwords.common)
    password_hash = passwords.hash(body["password"])
    with unit_of_work() as uow:
        credentials.change_password(uow, who, password_hash, principal().session)


@blueprint.route("/account/email", methods=["PUT"])
@allow("citizen", "business", "official", "operator")
@blueprint.arguments(schemas.NewEmailBody)
@blueprint.response(204)
def change_email(body: dict[str, str | None]) -> None:
    """Phone and old address are told. The new address is not checked, as at registration."""
    who = password_again(str(body["current_password"]))
    with unit_of_work() as uow:
        credentials.change_email(uow, who, body["email"])


@blueprint.route("/account/phone", methods=["POST"])
@allow("citizen", "business")
@blueprint.arguments(schemas.NewPhoneBody)
@blueprint.response(202, schemas.WaitingAnswer)
def begin_phone_change(body: dict[str, str]) -> dict[str, Any]:
    """The operators' register must hold a citizen's new phone in their name; then a code goes to it."""
    who, outside = password_again(body["current_password"]), ports(IdentityPorts)
    with unit_of_work() as uow:
        account, person = credentials.new_phone(uow, who, body["phone"])
    if account.kind == "citizen":
        registers.check(outside, METHODS["phone"], person)
    with unit_of_work() as uow:
        change = credentials.begin_phone_change(uow, outside.rules, who, body["phone"], language())
    return waiting(change, outside.rules)


@blueprint.route("/account/phone/<uuid:change>/code", methods=["POST"])
@allow("citizen", "business")
@blueprint.response(202, schemas.WaitingAnswer)
def send_code_again(change: UUID) -> dict[str, Any]:
    """To the new phone; the code before stops working."""
    rules, who = ports(IdentityPorts).rules, principal().account
    with unit_of_work() as uow:
        return waiting(credentials.send_phone_code_again(uow, rules, who, change, language()), rules)


@blueprint.route("/account/phone/<uuid:change>/confirmation", methods=["POST"])
@allow("citizen", "business")
@blueprint.arguments(schemas.CodeBody)
@blueprint.response(204)
def confirm_phone(body: dict[str, str], change: UUID) -> None:
    """The code from the new phone. The old phone is told."""
    rules, who = ports(IdentityPorts).rules, principal().account
    with unit_of_work() as uow:
        credentials.spend_a_phone_try(uow, rules, who, change)
    with unit_of_work() as uow:
        credentials.confirm_phone(uow, rules, who, change, body["code"])


def waiting(change: PhoneChange, rules: Rules) -> dict[str, Any]:
    return {
        "id": change.id,
        "state": "awaiting-code",
        "expires_at": change.expires_at,
        "resend_after": int(rules.code_resend_after.total_seconds()),
    }
