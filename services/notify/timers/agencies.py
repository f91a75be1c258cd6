"""What agencies get because time passes: their queues served, their webhooks called, their logs pruned."""

import time
from dataclasses import asdict

import structlog

from chassis.broker.admin import BrokerAway, BrokerRefused
from chassis.bus import BusAway
from chassis.unit_of_work import UnitsOfWork
from services.notify.adapters import Ports, ports_of
from services.notify.commands import agency_log, calling, mending, retention
from services.notify.model.agency import Entry
from services.notify.model.webhook import Batch, WebhookFailed, signature

log = structlog.get_logger()

MENDED_AT_ONCE = 50
BUDGET_SECONDS = 10
"""Of one run, before its last call: what is stuck for 60 s is ended by the watchdog."""


def serve_agencies(units: UnitsOfWork) -> int:
    """Publishes the next stretch that an agency's queue lacks, in order of position.

    Outcome unknown: the same stretch again later; a back office drops positions it has.
    """
    bus = ports_of(units).agencies
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


def mend_agencies(units: UnitsOfWork) -> int:
    """Makes again what vanished from the broker. Returns 1 when there is more of it than one run takes."""
    broker = ports_of(units).broker
    if broker is None:
        return 0
    try:
        found = mending.mend(units, broker, most=MENDED_AT_ONCE)
    except (BrokerAway, BrokerRefused) as error:
        log.warning("agencies not looked at", error=str(error))
        return 0
    for each in found:
        tell = log.warning if each.mended else log.error
        tell("agency mended" if each.mended else "agency must be connected again", **asdict(each))
    return int(len(found) == MENDED_AT_ONCE and all(each.mended for each in found))


def call_webhooks(units: UnitsOfWork) -> int:
    """One webhook that does not fail now: its next events, in order. Run by several threads side by side."""
    return _call(units, failing=False)


def retry_webhooks(units: UnitsOfWork) -> int:
    """One webhook that failed when last tried. In a lane of its own: slow failures hold up nobody else."""
    return _call(units, failing=True)


def prune_agency_log(units: UnitsOfWork) -> int:
    with units() as uow:
        return retention.prune(uow)


def _call(units: UnitsOfWork, failing: bool) -> int:
    with units() as uow:
        batch = calling.claim(uow, failing)
    if batch is None:
        return 0
    until = time.monotonic() + BUDGET_SECONDS
    for entry in batch.entries:
        if time.monotonic() > until or not _deliver(units, batch, entry):
            break
    with units() as uow:
        calling.release(uow, batch)
    return 1


def _deliver(units: UnitsOfWork, batch: Batch, entry: Entry) -> bool:
    """Killed after the call and before the mark, the same event comes again with the same id."""
    outside = ports_of(units)
    try:
        outside.webhooks.send(batch.url, _headers(units, batch, entry), entry.body)
    except WebhookFailed as failed:
        _put_off(units, outside, batch, entry, failed)
        return False
    with units() as uow:
        return calling.mark_delivered(uow, batch, entry)


def _put_off(units: UnitsOfWork, outside: Ports, batch: Batch, entry: Entry, failed: WebhookFailed) -> None:
    told = {"agency": batch.agency, "position": entry.position, "error": failed.reason}
    with units() as uow:
        disabled = calling.put_off(uow, batch, entry, failed, outside.rules.webhook_patience)
    if disabled:
        log.error("webhook disabled", **told)
    else:
        log.warning("webhook failed", **told)


def _headers(units: UnitsOfWork, batch: Batch, entry: Entry) -> dict[str, str]:
    id, timestamp = str(entry.event_id), int(units.clock().timestamp())
    return {
        "Content-Type": "application/cloudevents+json",
        "User-Agent": "motcua",
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(batch.secret, id, timestamp, entry.body),
    }
