"""Deliveries to webhooks: leased, sent with no transaction open, marked one by one in order."""

from datetime import timedelta
from random import random
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.db import new_id
from chassis.unit_of_work import UnitOfWork
from services.notify.commands import agency_log
from services.notify.commands.webhooks import secret_of
from services.notify.model.agency import Entry
from services.notify.model.webhook import Batch, WebhookFailed, pause_after
from services.notify.tables import agencies, webhook_deliveries, webhooks

BATCH = 20
LEASE = timedelta(seconds=60)
"""More than one call with everything slow: the resolver, three addresses, the answer."""


def claim(uow: UnitOfWork, failing: bool) -> Batch | None:
    """Lease one enabled webhook that lacks something: of those that fail now, or of the others."""
    start = func.greatest(webhooks.c.position, agencies.c.pruned_position)
    due = (
        select(webhooks.c.agency, func.coalesce(webhooks.c.rewind_to, start).label("start"))
        .join(agencies, agencies.c.code == webhooks.c.agency)
        .where(
            webhooks.c.state == "enabled",
            webhooks.c.failing_since.is_not(None) if failing else webhooks.c.failing_since.is_(None),
            (start < agencies.c.last_position) | webhooks.c.rewind_to.is_not(None),
            (webhooks.c.next_try_at.is_(None)) | (webhooks.c.next_try_at <= uow.now()),
        )
        .order_by(webhooks.c.next_try_at.nulls_first())
        .limit(1)
        .with_for_update(skip_locked=True, of=webhooks)
    )
    found = uow.session.execute(due).one_or_none()
    if found is None:
        return None
    leased = update(webhooks).where(webhooks.c.agency == found.agency)
    values = {
        "lease": new_id(),
        "next_try_at": uow.now() + LEASE,
        "position": found.start,
        "rewind_to": None,
    }
    row = uow.session.execute(leased.values(values).returning(webhooks)).one()
    entries = agency_log.entries(uow, found.agency, found.start, BATCH)
    return Batch(found.agency, row.lease, row.url, secret_of(uow, row), entries)


def mark_delivered(uow: UnitOfWork, batch: Batch, entry: Entry) -> bool:
    """False when the lease is another's by now: then somebody else decides where to go on."""
    values = {
        "position": entry.position,
        "attempts": 0,
        "failing_since": None,
        "last_error": None,
        "next_try_at": uow.now() + LEASE,
    }
    if not _update_leased(uow, batch, values):
        return False
    _note(uow, batch, entry, "delivered", None)
    return True


def put_off(uow: UnitOfWork, batch: Batch, entry: Entry, failed: WebhookFailed, patience: timedelta) -> bool:
    """True when it is disabled now: it failed for longer than `patience`, or wants no more."""
    now = uow.now()
    row = uow.session.execute(select(webhooks).where(_held(batch)).with_for_update()).one_or_none()
    if row is None:
        return False
    attempts, since = row.attempts + 1, row.failing_since or now
    values = {
        "attempts": attempts,
        "failing_since": since,
        "last_error": failed.reason,
        "next_try_at": now + pause_after(attempts, random()),
        "lease": None,
    }
    over = failed.gone or now - since >= patience
    _update_leased(uow, batch, values | ({"state": "disabled", "disabled_at": now} if over else {}))
    _note(uow, batch, entry, "failing", failed.reason)
    return over


def release(uow: UnitOfWork, batch: Batch) -> None:
    _update_leased(uow, batch, {"lease": None, "next_try_at": None})


def _update_leased(uow: UnitOfWork, batch: Batch, values: dict[str, Any]) -> bool:
    ours = update(webhooks).where(_held(batch)).values(values).returning(webhooks.c.agency)
    return uow.session.scalar(ours) is not None


def _held(batch: Batch) -> ColumnElement[bool]:
    return and_(webhooks.c.agency == batch.agency, webhooks.c.lease == batch.lease)


def _note(uow: UnitOfWork, batch: Batch, entry: Entry, status: str, error: str | None) -> None:
    kept = webhook_deliveries.c
    values = {"type": entry.type, "at": uow.now(), "status": status, "error": error}
    row = upsert(webhook_deliveries).values(
        agency=batch.agency, position=entry.position, attempts=1, **values
    )
    again = case((kept.status == "failing", kept.attempts + 1), else_=1)
    uow.session.execute(
        row.on_conflict_do_update(
            index_elements=[kept.agency, kept.position], set_={**values, "attempts": again}
        )
    )
