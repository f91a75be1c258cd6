"""What registrations and step-ups share: checking a signature, and looking how far a phone is."""

from collections.abc import Callable
from typing import Any

import structlog

from chassis.http import Away
from chassis.unit_of_work import UnitOfWork
from chassis.web import language, ports, unit_of_work, units_of_work
from services.identity.adapters.mobile_signatures import Heard, Wanted
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import ringing
from services.identity.model.certificates import Evidence
from services.identity.model.signing import Demand, MobileRequest, code_of, failure
from vocabulary.refusals import Conflict, Invalid, Unavailable

log = structlog.get_logger()
Confirm = Callable[[UnitOfWork, Evidence], object]


def prove(demand: Demand, signature: bytes) -> Evidence:
    """Outside any transaction: authorities are asked, which may take seconds. Refusals: as of `check`."""
    now = units_of_work().clock()
    checks = ports(IdentityPorts).certificates
    return checks.check(signature, demand.content, demand.holder, demand.number, now)


def listen(demand: Demand, confirm: Confirm) -> None:
    """Asks the mobile service once, within its short time limit, and confirms when the SIM has signed.

    Away, or an authority that cannot be asked: nothing changes, and whoever looks next asks again.
    """
    with unit_of_work() as uow:
        asked = ringing.claim(uow, demand.owner)
    if asked is None:
        return
    try:
        heard = _hear(asked, demand)
        ended = _ended(heard, demand, confirm)
    except (Away, Unavailable) as late:
        log.info("signature by SIM is late", reason=str(late))
        return
    with unit_of_work() as uow:
        ringing.note(uow, asked.id, heard.transaction, ended)


def _hear(asked: MobileRequest, demand: Demand) -> Heard:
    service = ports(IdentityPorts).mobile
    if asked.transaction:
        return service.hear(asked.transaction)
    wanted = Wanted(demand.phone, demand.number, demand.content, demand.prompt, str(asked.id))
    return service.ask(wanted)


def _ended(heard: Heard, demand: Demand, confirm: Confirm) -> str | None:
    if heard.end != "signed":
        return heard.end
    try:
        evidence = prove(demand, heard.signature)
        with unit_of_work() as uow:
            confirm(uow, evidence)
    except (Invalid, Conflict) as refused:
        return refused.code
    return heard.end


def shown(uow: UnitOfWork, demand_of: str, owner: Any, challenge: str) -> dict[str, Any]:
    """What a page that waits needs: the challenge; of a phone the code on its screen, and what went wrong."""
    answer: dict[str, Any] = {"challenge": challenge}
    if demand_of != "sim-pki":
        return answer
    answer["phone_code"] = code_of(challenge)
    refused = failure(ringing.ended(uow, owner))
    if refused:
        answer["failure"] = {"code": refused.code, "detail": refused.detail[language()]}
    return answer
