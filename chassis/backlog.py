"""How long committed events have been waiting for the broker."""

from sqlalchemy import Connection, func, select

from chassis import metrics
from chassis.tables import outbox
from chassis.unit_of_work import UnitsOfWork

LATE_SECONDS = 30.0
"""A relay that works sends within a second."""

_waited = (
    select(func.extract("epoch", func.now() - outbox.c.recorded_at))
    .where(outbox.c.sent_at.is_(None))
    .order_by(outbox.c.position)
    .limit(1)
)


def oldest_unsent_seconds(connection: Connection) -> float:
    """0 when everything was sent."""
    return max(float(connection.scalar(_waited) or 0), 0.0)


def measure(units: UnitsOfWork) -> int:
    """Keeps the figure of `/metrics` true while the relay has nobody to send to."""
    with units.engine.connect() as connection:
        metrics.OLDEST_UNSENT.labels(units.settings.service).set(oldest_unsent_seconds(connection))
    return 0
