"""What an agency reads of its log and its webhook. The agency is part of every query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, func, literal, select

from chassis.unit_of_work import UnitOfWork
from services.notify.tables import agencies, agency_log, webhook_deliveries, webhooks


@dataclass(frozen=True)
class Window:
    """Events after a position, as they were all kept at one moment: positions up to `pruned` are not."""

    pruned: int
    last: int
    events: Sequence[dict[str, Any]]


def log_after(uow: UnitOfWork, agency: str | None, position: int, limit: int) -> Window:
    """One statement, one snapshot: what is pruned meanwhile leaves no hole at the beginning."""
    start = func.greatest(agencies.c.pruned_position, literal(position))
    following = and_(agency_log.c.agency == agencies.c.code, agency_log.c.position > start)
    rows = uow.session.execute(
        select(agencies.c.pruned_position, agencies.c.last_position, agency_log.c.event)
        .select_from(agencies.outerjoin(agency_log, following))
        .where(agencies.c.code == agency)
        .order_by(agency_log.c.position)
        .limit(limit)
    ).all()
    if not rows:
        return Window(0, 0, ())
    events = [row.event for row in rows if row.event is not None]
    return Window(rows[0].pruned_position, rows[0].last_position, events)


def webhook_of(uow: UnitOfWork, agency: str | None) -> Row[Any] | None:
    """With `waiting`: how many events it has not got."""
    waiting = func.coalesce(agencies.c.last_position, webhooks.c.position) - webhooks.c.position
    found = select(webhooks, waiting.label("waiting")).outerjoin(
        agencies, agencies.c.code == webhooks.c.agency
    )
    return uow.session.execute(found.where(webhooks.c.agency == agency)).one_or_none()


def deliveries_before(
    uow: UnitOfWork, agency: str | None, position: int | None, limit: int
) -> Sequence[Row[Any]]:
    """The newest positions first, those below `position`, with the event's id and subject."""
    same = [agency_log.c[name] == webhook_deliveries.c[name] for name in ("agency", "position")]
    subject = agency_log.c.event["subject"].as_string().label("subject")
    logged = webhook_deliveries.join(agency_log, and_(*same))
    rows = select(webhook_deliveries, agency_log.c.event_id, subject).select_from(logged)
    rows = rows.where(webhook_deliveries.c.agency == agency)
    if position is not None:
        rows = rows.where(webhook_deliveries.c.position < position)
    found = rows.order_by(webhook_deliveries.c.position.desc()).limit(limit)
    return uow.session.execute(found).all()


def agencies_after(uow: UnitOfWork, code: str, limit: int) -> Sequence[Row[Any]]:
    """Agencies that have a log or a door, by code, with how far each door has it."""
    rows: Select[Any] = (
        select(
            agencies.c.code,
            agencies.c.name_vi,
            agencies.c.name_en,
            agencies.c.last_position,
            agencies.c.pruned_position,
            agencies.c.connected_at,
            func.coalesce(agencies.c.rewind_to, agencies.c.published_position).label("queue_position"),
            agencies.c.last_error.label("queue_error"),
            webhooks.c.state.label("webhook_state"),
            func.coalesce(webhooks.c.rewind_to, webhooks.c.position).label("webhook_position"),
            webhooks.c.last_error.label("webhook_error"),
        )
        .outerjoin(webhooks, webhooks.c.agency == agencies.c.code)
        .where(agencies.c.code > code, (agencies.c.last_position > 0) | agencies.c.connected_at.is_not(None))
    )
    return uow.session.execute(rows.order_by(agencies.c.code).limit(limit)).all()


def door_position(uow: UnitOfWork, agency: str, door: str) -> int:
    """How far that door has the agency's log; a replay that waits counts as begun."""
    queue = func.coalesce(agencies.c.rewind_to, agencies.c.published_position)
    hook = func.coalesce(webhooks.c.rewind_to, webhooks.c.position)
    found = (
        select(queue).where(agencies.c.code == agency)
        if door == "amqp"
        else select(hook).where(webhooks.c.agency == agency)
    )
    return uow.session.scalar(found) or 0
