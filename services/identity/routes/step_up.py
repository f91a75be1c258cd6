from typing import Any
from uuid import UUID

from chassis.auth import allow, principal
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, language, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import step_up
from services.identity.model.certificates import Evidence
from services.identity.model.session import log_in_again
from services.identity.model.signing import StepUp, decoded
from services.identity.routes.signing import listen, prove, shown

blueprint = api("step-up")
NEVER_KEPT = {"Cache-Control": "no-store"}
ANSWER = tuple[dict[str, Any], int, dict[str, str]]


@blueprint.route("/sessions/current/step-up", methods=["POST"])
@allow("citizen", "business")
@blueprint.arguments(schemas.StepUpBody)
@blueprint.response(201, schemas.StepUpAnswer)
def begin(body: dict[str, str]) -> ANSWER:
    """Raise this session to high assurance: sign the challenge with a certificate of the account's number.

    By `sim-pki` the phone rings; GET then says how far it is.
    """
    outside, session = ports(IdentityPorts), _session()
    with unit_of_work() as uow:
        begun = step_up.begin(uow, outside.rules, session, body["method"], language())
    _look(begun.id)
    return _answer(begun.id, 201)


@blueprint.route("/sessions/current/step-up/<uuid:id>", methods=["GET"])
@allow("citizen", "business")
@blueprint.response(200, schemas.StepUpAnswer)
def show(id: UUID) -> ANSWER:
    """How far it is. Once `confirmed`, `POST /sessions/refresh` gives an access token that says `high`."""
    _look(id)
    return _answer(id, 200)


@blueprint.route("/sessions/current/step-up/<uuid:id>/confirmation", methods=["POST"])
@allow("citizen", "business")
@blueprint.arguments(schemas.SignatureBody)
@blueprint.response(200, schemas.StepUpAnswer)
def confirm(body: dict[str, str], id: UUID) -> ANSWER:
    """The signature over the challenge: base64 of a detached CMS."""
    session, signature = _session(), decoded(body["signature"])
    with unit_of_work() as uow:
        demand = step_up.demand(uow, id, session, language())
    evidence = prove(demand, signature)
    with unit_of_work() as uow:
        step_up.confirm(uow, id, session, evidence)
    return _answer(id, 200)


def _look(id: UUID) -> None:
    """At the phone, where it waits for one."""
    session = _session()
    with unit_of_work() as uow:
        found = step_up.started(uow, id, session)
        if found.method != "sim-pki" or found.confirmed_at:
            return
        demand = step_up.demand(uow, id, session, language())

    def confirm(uow: UnitOfWork, evidence: Evidence) -> StepUp:
        return step_up.confirm(uow, id, session, evidence)

    listen(demand, confirm)


def _answer(id: UUID, status: int) -> ANSWER:
    with unit_of_work() as uow:
        found = step_up.started(uow, id, _session())
        waits = {} if found.confirmed_at else shown(uow, found.method, id, found.challenge)
    answer = {"id": id, "state": found.state, "method": found.method, "expires_at": found.expires_at}
    return answer | waits, status, NEVER_KEPT


def _session() -> UUID:
    session = principal().session
    if session is None:
        raise log_in_again()
    return session
