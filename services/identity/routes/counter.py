"""The post office's counter. Clerks only; without the exact registration code they see nothing."""

from typing import Any

from chassis.auth import allow, principal
from chassis.web import api, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import counter
from services.identity.model.counter import ROLE, no_such_visit
from services.identity.model.person import Person
from services.identity.model.registration import Registration
from services.identity.model.rules import Rules

blueprint = api("counter")


def rules() -> Rules:
    return ports(IdentityPorts).rules


@blueprint.route("/counter/visits", methods=["POST"])
@allow("official", roles={ROLE})
@blueprint.arguments(schemas.LookBody)
@blueprint.response(200, schemas.VisitAnswer)
def look(body: dict[str, str]) -> dict[str, Any]:
    """Who registered, to be compared with the card. Each look is recorded; wrong codes are few a day."""
    with unit_of_work() as uow:
        found = counter.look(uow, rules(), principal(), body["registration_code"])
    if found is None:
        raise no_such_visit()
    return shown(*found)


@blueprint.route("/counter/visits/checked", methods=["POST"])
@allow("official", roles={ROLE})
@blueprint.arguments(schemas.CheckBody)
@blueprint.response(201, schemas.HandedOverAnswer)
def check(body: dict[str, Any]) -> dict[str, Any]:
    """The card was checked and is that of the person at the counter: a one-time code to hand over."""
    with unit_of_work() as uow:
        done = counter.check(uow, rules(), principal(), body["registration_code"], body["again"])
    if done is None:
        raise no_such_visit()
    registration, code = done
    return {"code": code, "expires_at": registration.expires_at}


@blueprint.route("/counter/visits/refused", methods=["POST"])
@allow("official", roles={ROLE})
@blueprint.arguments(schemas.RefuseBody)
@blueprint.response(204)
def refuse(body: dict[str, str]) -> None:
    """The card and the registration do not belong together; the person is told the reason."""
    with unit_of_work() as uow:
        refused = counter.refuse(uow, rules(), principal(), body["registration_code"], body["reason"])
    if refused is None:
        raise no_such_visit()


def shown(registration: Registration, person: Person) -> dict[str, Any]:
    return {
        "state": registration.state,
        "full_name": person.full_name,
        "id_number": person.id_number,
        "date_of_birth": person.date_of_birth,
        "expires_at": registration.expires_at,
    }
