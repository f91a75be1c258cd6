"""The agencies' log is kept for its time; positions go on, and what is gone is known to be gone."""

from sqlalchemy import delete, select, update

from chassis.unit_of_work import UnitOfWork
from services.notify.tables import agencies, agency_log, webhook_deliveries

AT_ONCE = 1000


def prune(uow: UnitOfWork) -> int:
    """A stretch of one agency's log that is older than kept. Returns how many events went.

    The agency's row is locked first, as by whoever appends: a reader sees the new limit and the rows
    gone, or neither.
    """
    before = uow.now() - uow.settings.event_retention
    aged = select(agency_log.c.agency).where(agency_log.c.at < before).order_by(agency_log.c.at).limit(1)
    code = uow.session.scalar(aged)
    if code is None:
        return 0
    uow.session.execute(select(agencies.c.code).where(agencies.c.code == code).with_for_update())
    mine = agency_log.c.agency == code
    oldest = select(agency_log.c.position, agency_log.c.at).where(mine).order_by(agency_log.c.position)
    gone = 0
    last = None
    for row in uow.session.execute(oldest.limit(AT_ONCE)):
        if row.at >= before:
            break
        gone, last = gone + 1, row.position
    if last is None:
        return 0
    uow.session.execute(delete(agency_log).where(mine, agency_log.c.position <= last))
    told = webhook_deliveries.c
    uow.session.execute(delete(webhook_deliveries).where(told.agency == code, told.position <= last))
    uow.session.execute(update(agencies).where(agencies.c.code == code).values(pruned_position=last))
    return gone
