"""A lost phone. Codes, signatures and counters work as for a registration, at its routes, by the same id."""

from typing import Any
from uuid import UUID

from chassis.auth import allow
from chassis.web import api, language, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import backoffs, recovery, registers, registration
from services.identity.model.cooling import Cooling, check_recovers
from services.identity.model.methods import check_method
from services.identity.model.password import check_password
from services.identity.routes import guarding
from services.identity.routes.captcha import spend
from services.identity.routes.registrations import applicant, insurance_number, waiting

blueprint = api("recoveries")


@blueprint.route("/recoveries", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.RegistrationBody)
@blueprint.response(201, schemas.RegistrationAnswer)
def begin(body: dict[str, Any]) -> dict[str, Any]:
    """Prove who you are by any method, with the new phone. The same answer whether there is an account."""
    method = check_method(body["kind"], body["method"])
    check_recovers(method)
    person, outside = applicant(body), ports(IdentityPorts)
    spend(body["captcha"])
    with unit_of_work() as uow:
        tried = guarding.count_registration(uow, outside.rules, person.login)
    registers.check(outside, method, person, insurance_number(body))
    with unit_of_work() as uow:
        backoffs.clear(uow, tried)
        started = registration.begin(
            uow, outside.rules, body["kind"], method, person, language(), purpose="recovery"
        )
        return waiting(uow, started)


@blueprint.route("/recoveries/<uuid:id>/password", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.PasswordBody)
@blueprint.response(202, schemas.CoolingAnswer)
def set_password(body: dict[str, str], id: UUID) -> Cooling:
    """Works from `ends_at` on, with the new phone, unless the owner stops it before."""
    outside = ports(IdentityPorts)
    with unit_of_work() as uow:
        login = recovery.login_of(uow, id)
    check_password(body["password"], login, outside.passwords.common)
    password_hash = outside.passwords.hash(body["password"])
    with unit_of_work() as uow:
        return recovery.begin(uow, outside.rules, id, password_hash)
