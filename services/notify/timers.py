"""The senders: each reads committed rows, talks to the outside with no transaction open, then marks."""

import structlog

from chassis.bus import BusAway
from chassis.unit_of_work import UnitsOfWork
from services.notify.adapters import Ports
from services.notify.adapters.gateway import Gateway
from services.notify.commands import agency_log, sending
from services.notify.model.delivery import CODES, MAIL, SMS, GatewayBusy, GatewayRefused, Lane, Outgoing

log = structlog.get_logger()


def send_codes(units: UnitsOfWork) -> int:
    return _send(units, CODES, _ports(units).sms)


def send_sms(units: UnitsOfWork) -> int:
    return _send(units, SMS, _ports(units).sms)


def send_mail(units: UnitsOfWork) -> int:
    return _send(units, MAIL, _ports(units).mail)


def expire_codes(units: UnitsOfWork) -> int:
    with units() as uow:
        return sending.expire(uow)


def serve_agencies(units: UnitsOfWork) -> int:
    """Publishes the next stretch that an agency's queue lacks, in order of position.

    Outcome unknown: the same stretch again later; a back office drops positions it has.
    """
    bus = _ports(units).agencies
    if bus is None:
        return 0
    with units() as uow:
        stretch = agency_log.claim(uow)
    if stretch is None:
        bus.close()
        return 0
    try:
        bus.publish(stretch.entries)
    except BusAway as away:
        log.warning("agency not served", agency=stretch.agency, error=str(away))
        with units() as uow:
            agency_log.put_off(uow, stretch, str(away))
    else:
        with units() as uow:
            agency_log.mark_published(uow, stretch)
    return 1


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


def _ports(units: UnitsOfWork) -> Ports:
    assert isinstance(units.ports, Ports)
    return units.ports
