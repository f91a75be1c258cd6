"""The agencies' log is kept for its time, and as long as a door still has to bring it; positions go on."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, func, select, update

from chassis.unit_of_work import UnitOfWork
from services.notify.tables import agencies, agency_log, webhook_deliveries, webhooks

AT_ONCE = 1000

# Up to where every open door has the log. NULL, which `least` passes over: none is open. A disabled webhook
# holds nothing: its agency was told, and had the days of `WEBHOOK_PATIENCE`.
_queue_has = func.least(agencies.c.published_position, agencies.c.rewind_to)
_webhook_has = (
    select(func.least(webhooks.c.position, webhooks.c.rewind_to))
    .where(webhooks.c.agency == agencies.c.code, webhooks.c.state == "enabled")
    .scalar_subquery()
)
_delivered = func.least(case((agencies.c.connected_at.is_not(None), _queue_has)), _webhook_has)


def prune(uow: UnitOfWork) -> int:
    """A stretch of one agency's log that is older than kept, and delivered. Returns how many events went.

    The agency's row is locked first, as by whoever appends: a reader sees the new limit and the rows
    gone, or neither.
    """
    before = uow.now() - uow.settings.event_retention
    aged = select(agency_log.c.agency).join(agencies, agencies.c.code == agency_log.c.agency)
    code = uow.session.scalar(aged.where(_past(before)).order_by(agency_log.c.at).limit(1))
    if code is None:
        return 0
    lock = select(_delivered).where(agencies.c.code == code).with_for_update(of=agencies)
    delivered = uow.session.execute(lock).scalar_one()
    return _forget(uow, code, before, delivered)


def _past(before: datetime) -> ColumnElement[bool]:
    due = agency_log.c.position <= func.coalesce(_delivered, agency_log.c.position)
    return and_(agency_log.c.at < before, due)


def _forget(uow: UnitOfWork, code: str, before: datetime, delivered: int | None) -> int:
    mine = agency_log.c.agency == code
    oldest = select(agency_log.c.position, agency_log.c.at).where(mine).order_by(agency_log.c.position)
    gone = 0
    last = None
    for row in uow.session.execute(oldest.limit(AT_ONCE)):
        if row.at >= before or (delivered is not None and row.position > delivered):
            break
        gone, last = gone + 1, row.position
    if last is None:
        return 0
    uow.session.execute(delete(agency_log).where(mine, agency_log.c.position <= last))
    told = webhook_deliveries.c
    uow.session.execute(delete(webhook_deliveries).where(told.agency == code, told.position <= last))
    uow.session.execute(update(agencies).where(agencies.c.code == code).values(pruned_position=last))
    return gone
