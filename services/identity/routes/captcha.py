from typing import Any
from uuid import UUID

from flask import Response

from chassis.auth import allow
from chassis.web import api, ports, unit_of_work, units_of_work
from services.identity import schemas
from services.identity.adapters import drawing
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import captcha

blueprint = api("captcha")
NEVER_KEPT = {"Cache-Control": "no-store"}


@blueprint.route("/captcha", methods=["GET"])
@allow("anyone")
@blueprint.response(200, schemas.ChallengeAnswer)
def make_challenge() -> tuple[dict[str, Any], int, dict[str, str]]:
    """A little work for a computer: an ALTCHA v2 challenge (PBKDF2/SHA-256)."""
    with unit_of_work() as uow:
        return captcha.challenge(uow, ports(IdentityPorts).rules), 200, NEVER_KEPT


@blueprint.route("/captcha/picture", methods=["GET"])
@allow("anyone")
@blueprint.response(200, schemas.PictureAnswer)
def make_picture() -> tuple[dict[str, Any], int, dict[str, str]]:
    """For people without JavaScript: a number to read, or to hear."""
    with unit_of_work() as uow:
        id, digits = captcha.picture(uow, ports(IdentityPorts).rules)
    answer = {"id": id, "image": drawing.picture_of(digits), "sound": f"/api/v1/captcha/picture/{id}/sound"}
    return answer, 200, NEVER_KEPT


@blueprint.route("/captcha/picture/<uuid:picture>/sound", methods=["GET"])
@allow("anyone")
@blueprint.response(200, content_type="audio/wav", schema={"type": "string", "format": "binary"})
def speak_picture(picture: UUID) -> Response:
    """The picture's number, spoken in Vietnamese: a WAV of about five seconds."""
    with unit_of_work() as uow:
        digits = captcha.digits_to_hear(uow, picture)
    return Response(drawing.sound_of(digits), headers=NEVER_KEPT, mimetype="audio/wav")


def spend(answer: str) -> None:
    """In a transaction of its own: it is gone even when the rest is refused. Invalid at `/captcha`."""
    with units_of_work()() as uow:
        refusal = captcha.use(uow, answer)
    if refusal:
        raise refusal
