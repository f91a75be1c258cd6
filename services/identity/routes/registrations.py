from typing import Any
from uuid import UUID

from chassis.auth import allow
from chassis.idempotency import idempotent
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, language, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import backoffs, counter, registers, registration, ringing
from services.identity.model import limits
from services.identity.model.counter import REASONS
from services.identity.model.methods import check_method
from services.identity.model.password import check_password
from services.identity.model.person import Organisation, Person
from services.identity.model.registration import Registration, no_such_registration
from services.identity.model.signing import check_rings_phone, decoded
from services.identity.routes import guarding
from services.identity.routes.captcha import spend
from services.identity.routes.signing import listen, prove, shown

blueprint = api("registrations")
NEVER_KEPT = {"Cache-Control": "no-store"}


@blueprint.route("/registrations", methods=["POST"])
@allow("anyone")
@idempotent()
@blueprint.arguments(schemas.RegistrationBody)
@blueprint.response(201, schemas.RegistrationAnswer)
def register(body: dict[str, Any]) -> dict[str, Any]:
    """Say who you are. What comes next depends on the method: a code, a visit at a counter, a signature."""
    method = check_method(body["kind"], body["method"])
    person = applicant(body)
    outside = ports(IdentityPorts)
    spend(body["captcha"])
    with unit_of_work() as uow:
        tried = guarding.count_registration(uow, outside.rules, person.login)
    registers.check(outside, method, person, insurance_number(body))
    with unit_of_work() as uow:
        backoffs.clear(uow, tried)
        started = registration.begin(uow, outside.rules, body["kind"], method, person, language())
    return look(started)


@blueprint.route("/registrations/<uuid:id>", methods=["GET"])
@allow("anyone")
@blueprint.response(200, schemas.RegistrationAnswer)
def show(id: UUID) -> tuple[dict[str, Any], int, dict[str, str]]:
    """How far it is: for whoever comes back to it, or waits for what happens elsewhere."""
    with unit_of_work() as uow:
        found = registration.started(uow, id)
    return look(found), 200, NEVER_KEPT


@blueprint.route("/registrations/resumption", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.ResumptionBody)
@blueprint.response(200, schemas.RegistrationAnswer)
def come_back(body: dict[str, str]) -> dict[str, Any]:
    """From another browser, with the registration code for the counter and the phone. One answer for a wrong
    code, a wrong phone and too many tries; TooMany from one address."""
    spend(body["captcha"])
    code, phone = body["registration_code"], body["phone"]
    rules = ports(IdentityPorts).rules
    with unit_of_work() as uow:
        guarding.count(uow, limits.address_failures(rules))
    with unit_of_work() as uow:
        found = counter.come_back(uow, rules, code, phone)
        if found:
            guarding.forgive(uow, limits.address_failures(rules))
        answer = waiting(uow, found) if found else None
    if answer is None:
        raise no_such_registration()
    return answer


@blueprint.route("/registrations/<uuid:id>/code", methods=["POST"])
@allow("anyone")
@blueprint.response(202, schemas.RegistrationAnswer)
def send_code_again(id: UUID) -> dict[str, Any]:
    """Another code to the same phone; the one before stops working."""
    rules = ports(IdentityPorts).rules
    with unit_of_work() as uow:
        return waiting(uow, registration.send_code_again(uow, rules, id, language()))


@blueprint.route("/registrations/<uuid:id>/confirmation", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.ConfirmationBody)
@blueprint.response(200, schemas.ConfirmedAnswer)
def confirm(body: dict[str, str], id: UUID) -> Registration:
    """The code, five tries; or the signature over the challenge."""
    rules = ports(IdentityPorts).rules
    if "signature" in body:
        return confirm_by_signature(id, decoded(body["signature"]))
    with unit_of_work() as uow:
        guarding.count(uow, limits.address_failures(rules))
        registration.spend_a_try(uow, rules, id)
    with unit_of_work() as uow:
        guarding.forgive(uow, limits.address_failures(rules))
        guarding.forgive(uow, limits.address_registrations(rules))
        return registration.confirm(uow, rules, id, body["code"])


@blueprint.route("/registrations/<uuid:id>/signature-request", methods=["POST"])
@allow("anyone")
@blueprint.response(202, schemas.RegistrationAnswer)
def ring_again(id: UUID) -> dict[str, Any]:
    """Have the phone ask for its PIN again, once the last time is over."""
    with unit_of_work() as uow:
        demand = registration.demand(uow, id)
        check_rings_phone(demand)
        ringing.again(uow, ports(IdentityPorts).rules, demand)
        started = registration.started(uow, id)
    return look(started)


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


def insurance_number(body: dict[str, Any]) -> str:
    return body.get("person", {}).get("social_insurance_number") or ""


def confirm_by_signature(id: UUID, signature: bytes) -> Registration:
    """The check, which asks authorities, is outside any transaction."""
    with unit_of_work() as uow:
        demand = registration.demand(uow, id)
    evidence = prove(demand, signature)
    with unit_of_work() as uow:
        return registration.confirm_by_signature(uow, id, evidence)


def look(started: Registration) -> dict[str, Any]:
    """Where it waits for a phone to sign, that is asked first."""
    if started.method == "sim-pki" and not started.is_proved:
        with unit_of_work() as uow:
            demand = registration.demand(uow, started.id)
        listen(demand, lambda uow, evidence: registration.confirm_by_signature(uow, started.id, evidence))
    with unit_of_work() as uow:
        return waiting(uow, registration.started(uow, started.id))


def applicant(body: dict[str, Any]) -> Person:
    return business(body["business"]) if body["kind"] == "business" else citizen(body["person"])


def citizen(form: dict[str, Any]) -> Person:
    return Person(
        login=form["id_number"],
        full_name=form["full_name"],
        phone=form["phone"],
        email=form.get("email"),
        id_number=form["id_number"],
        date_of_birth=form["date_of_birth"],
    )


def business(form: dict[str, Any]) -> Person:
    return Person(
        login=form["tax_code"],
        phone=form["phone"],
        email=form["email"],
        organisation=Organisation(form["tax_code"], form["name"], form.get("address")),
        **form["representative"],
    )


def waiting(uow: UnitOfWork, started: Registration) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": started.id, "state": started.state, "expires_at": started.expires_at}
    if started.state == "awaiting-code" and started.by.codes_go_to_phone:
        answer["resend_after"] = int(ports(IdentityPorts).rules.code_resend_after.total_seconds())
    if started.challenge and not started.is_proved:
        answer |= shown(uow, started.method, started.id, started.challenge)
    if visited := counter.of(uow, started):
        visit, answer["registration_code"] = visited
        if visit.refused_because:
            answer["refusal"] = REASONS[visit.refused_because][language()]
    return answer
