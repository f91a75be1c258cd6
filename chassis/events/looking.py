"""What a service's database says about its events. Sealed fields stay sealed, and are not shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Select, func, select, tuple_

from chassis.backlog import oldest_unsent_seconds
from chassis.tables import inbox, outbox, parking, subscriptions

_recorded = select(
    outbox.c.event_id,
    outbox.c.type,
    outbox.c.subject,
    outbox.c.sequence,
    outbox.c.recorded_at,
    outbox.c.sent_at,
    outbox.c.log_position,
    outbox.c.body,
)
SEALED = {"kid", "box"}


@dataclass(frozen=True)
class Recorded:
    """An event in the outbox of the service that said it."""

    event_id: UUID
    type: str
    subject: str
    sequence: int
    recorded_at: datetime
    sent_at: datetime | None
    log_position: int | None
    data: Any


@dataclass(frozen=True)
class Parked:
    """`next_try_at` None: given up. `behind`: the earlier event of its subject that it waits for."""

    event_id: UUID
    handler: str
    type: str
    subject: str
    sequence: int
    attempts: int
    parked_at: datetime
    next_try_at: datetime | None
    error: str | None
    behind: UUID | None


@dataclass(frozen=True)
class Heard:
    """What one queue hears. `filled` None: live; else it is being filled from the log, and is so far."""

    queue: str
    type: str
    handled: int
    filled: int | None


@dataclass(frozen=True)
class Summary:
    unsent: int
    oldest_unsent_seconds: float
    last_position: int
    parked: int
    given_up: int


def newest(connection: Connection, limit: int, type: str | None = None) -> list[Recorded]:
    """Oldest of them first."""
    rows = _of_type(_recorded, type).order_by(outbox.c.event_id.desc()).limit(limit)
    return [_read(row) for row in connection.execute(rows)][::-1]


def sent_after(connection: Connection, position: int, limit: int, type: str | None = None) -> list[Recorded]:
    rows = _of_type(_recorded, type).where(outbox.c.log_position > position)
    return [_read(row) for row in connection.execute(rows.order_by(outbox.c.log_position).limit(limit))]


def find(connection: Connection, event_id: UUID) -> Recorded | None:
    row = connection.execute(_recorded.where(outbox.c.event_id == event_id)).one_or_none()
    return None if row is None else _read(row)


def handled(connection: Connection, event_id: UUID) -> dict[str, datetime]:
    """When each reaction to it was committed."""
    rows = select(inbox.c.handler, inbox.c.handled_at).where(inbox.c.event_id == event_id)
    return {row.handler: row.handled_at for row in connection.execute(rows.order_by(inbox.c.handled_at))}


def parked(
    connection: Connection,
    limit: int,
    after: tuple[UUID, str] | None = None,
    event_id: UUID | None = None,
) -> list[Parked]:
    """By event id, so those that hold others back come before them."""
    earlier = parking.alias()
    order, before = (parking.c.sequence, parking.c.event_id), (earlier.c.sequence, earlier.c.event_id)
    first = (
        select(earlier.c.event_id)
        .where(earlier.c.subject == parking.c.subject, earlier.c.handler == parking.c.handler)
        .where(tuple_(*before) < tuple_(*order))
        .order_by(*before)
        .limit(1)
        .scalar_subquery()
    )
    key = (parking.c.event_id, parking.c.handler)
    rows = select(parking, first.label("behind")).order_by(*key).limit(limit)
    if after:
        rows = rows.where(tuple_(*key) > tuple_(*after))
    if event_id:
        rows = rows.where(parking.c.event_id == event_id)
    fields = Parked.__dataclass_fields__
    return [Parked(**{name: getattr(row, name) for name in fields}) for row in connection.execute(rows)]


def heard(connection: Connection) -> list[Heard]:
    rows = select(subscriptions).order_by(subscriptions.c.queue, subscriptions.c.type)
    return [Heard(row.queue, row.type, row.handled, row.filled) for row in connection.execute(rows)]


def last_position(connection: Connection) -> int:
    return connection.scalar(select(func.max(outbox.c.log_position))) or 0


def summary(connection: Connection) -> Summary:
    unsent = select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))
    given_up = func.count().filter(parking.c.next_try_at.is_(None))
    counts = connection.execute(select(func.count(), given_up).select_from(parking)).one()
    return Summary(
        unsent=connection.scalar(unsent) or 0,
        oldest_unsent_seconds=round(oldest_unsent_seconds(connection), 1),
        last_position=last_position(connection),
        parked=counts[0],
        given_up=counts[1],
    )


def without_sealed(value: Any) -> Any:
    """The data of an event with what is sealed for one service left out."""
    if isinstance(value, dict):
        if value.keys() == SEALED:
            return "(sealed)"
        return {name: without_sealed(part) for name, part in value.items()}
    return [without_sealed(part) for part in value] if isinstance(value, list) else value


def _of_type(rows: Select[Any], type: str | None) -> Select[Any]:
    return rows.where(outbox.c.type == type) if type else rows


def _read(row: Any) -> Recorded:
    known = row._asdict()
    data = msgspec.json.decode(known.pop("body"))["data"]
    return Recorded(**known, data=without_sealed(data))
