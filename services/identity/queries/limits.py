from datetime import datetime

from sqlalchemy import Connection, select

from services.identity.model.limits import Limit
from services.identity.tables.limits import limits


def used(connection: Connection, budget: Limit, now: datetime) -> int:
    """How much of a budget of the whole installation is used up now."""
    running = select(limits.c.count).where(limits.c.key == budget.name, limits.c.ends_at > now)
    return connection.execute(running).scalar_one_or_none() or 0
