from typing import Any

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
    answer = {"id": id, "image": drawing.picture_of(digits), "sound": drawing.sound_of(digits)}
    return answer, 200, NEVER_KEPT


def spend(answer: str) -> None:
    """In a transaction of its own: it is gone even when the rest is refused. Invalid at `/captcha`."""
    with units_of_work()() as uow:
        refusal = captcha.use(uow, answer)
    if refusal:
        raise refusal
