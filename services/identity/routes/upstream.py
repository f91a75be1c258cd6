"""Logging in by a provider above us (VNeID): `docs/operating.md` says how one is set up."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, jsonify

from chassis.auth import allow
from chassis.http import Away
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, language, ports, unit_of_work, units_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import upstream
from services.identity.commands.sessions import Granted
from services.identity.model.person import Person
from services.identity.model.registration import Registration
from services.identity.model.upstream import person_of
from services.identity.routes.caller import browser
from services.identity.routes.registrations import waiting
from vocabulary.people import mask_phone
from vocabulary.refusals import Unavailable

blueprint = api("upstream")
PAGE = "/dang-nhap/tu-noi-khac"
ASK_AGAIN = timedelta(seconds=30)


@blueprint.route("/upstream-logins", methods=["POST"])
@allow("anyone")
@blueprint.response(201, schemas.UpstreamLoginAnswer)
def begin() -> dict[str, Any]:
    """Sends the browser to the provider. 404 `no-upstream` where there is none."""
    outside = ports(IdentityPorts)
    with unit_of_work() as uow:
        id, flow = upstream.begin(uow, outside.rules)
        try:
            return {"id": id, "location": outside.upstream.address(flow, _back())}
        except Away as away:
            raise _away() from away


@blueprint.route("/upstream-logins/<uuid:id>", methods=["POST"])
@allow("anyone")
@blueprint.arguments(schemas.UpstreamAnswerBody)
@blueprint.response(201, schemas.TokensAnswer)
@blueprint.alt_response(
    202, schema=schemas.UpstreamRegistrationAnswer, description="No account yet: registering goes on"
)
def come_back(body: dict[str, Any], id: UUID) -> Granted | Response:
    """The provider's answer: a session, or a registration with what it told. Works once."""
    outside = ports(IdentityPorts)
    with unit_of_work() as uow:
        flow = upstream.come_back(uow, id, body["state"])
    try:
        told = outside.upstream.claims(flow, body["code"], body["issuer"], _back())
    except Away as away:
        raise _away() from away
    person = person_of(told, outside.upstream.id_claim)
    with unit_of_work() as uow:
        done = upstream.finish(
            uow, outside.rules, person, outside.upstream.method, language(), body["device"], browser()
        )
        return _registering(uow, done, person) if isinstance(done, Registration) else done


def _registering(uow: UnitOfWork, started: Registration, person: Person) -> Response:
    whole = waiting(uow, started) | {"phone": mask_phone(person.phone)}
    answer = jsonify(schemas.UpstreamRegistrationAnswer().dump(whole))
    answer.status_code = 202
    return answer


def _back() -> str:
    return units_of_work().settings.public_url + PAGE


def _away() -> Unavailable:
    return Unavailable(
        "upstream-away",
        "Nơi đăng nhập kia chưa trả lời. Hãy thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu.",
        "The other login does not answer. Try again in a few minutes, or log in with your password.",
        ASK_AGAIN,
    )
