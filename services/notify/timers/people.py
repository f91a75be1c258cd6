"""The senders to people: each reads committed rows, talks with no transaction open, then marks."""

import structlog

from chassis.unit_of_work import UnitsOfWork
from services.notify.adapters import ports_of
from services.notify.adapters.gateway import Gateway
from services.notify.commands import sending
from services.notify.model.delivery import CODES, MAIL, SMS, GatewayBusy, GatewayRefused, Lane, Outgoing

log = structlog.get_logger()


def send_codes(units: UnitsOfWork) -> int:
    return _send(units, CODES, ports_of(units).sms)


def send_sms(units: UnitsOfWork) -> int:
    return _send(units, SMS, ports_of(units).sms)


def send_mail(units: UnitsOfWork) -> int:
    return _send(units, MAIL, ports_of(units).mail)


def expire_codes(units: UnitsOfWork) -> int:
    with units() as uow:
        return sending.expire(uow)


def _send(units: UnitsOfWork, lane: Lane, gateway: Gateway | None) -> int:
    """A gateway that is busy gets no more of this batch; what was not tried goes back uncounted."""
    if gateway is None:
        return 0
    with units() as uow:
        batch = sending.claim(uow, lane)
    for index, outgoing in enumerate(batch):
        if not _send_one(units, gateway, outgoing):
            with units() as uow:
                sending.give_back(uow, batch[index + 1 :])
            return 0
    return len(batch)


def _send_one(units: UnitsOfWork, gateway: Gateway, outgoing: Outgoing) -> bool:
    """False when the gateway is busy. Killed after the sending and before the mark, it is sent again
    with the same reference, which the gateway drops."""
    if outgoing.too_late(units.clock()):
        return True
    try:
        gateway.send(outgoing)
    except GatewayBusy as busy:
        log.warning("gateway busy", reference=str(outgoing.reference), error=str(busy))
        with units() as uow:
            sending.put_off(uow, outgoing, str(busy))
        return False
    except GatewayRefused as refused:
        log.warning("gateway refused", reference=str(outgoing.reference), error=str(refused))
        with units() as uow:
            sending.fail(uow, outgoing, str(refused))
        return True
    with units() as uow:
        sending.mark_sent(uow, outgoing)
    return True
