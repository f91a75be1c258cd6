"""The agencies' log: one gap-free list per agency, and how far its queue has it."""

import json
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
from sqlalchemy import case, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import epoch
from chassis.db import new_id
from chassis.envelope import routing_key
from chassis.unit_of_work import UnitOfWork
from contracts.catalog import AgencyPublished
from contracts.dossier import DecisionApplied, DecisionRejected, DossierEvent
from contracts.event import Event, Message, Sealed
from services.notify.model.agency import Entry, Stretch, log_key
from services.notify.tables import agencies, agency_log

STRETCH = 200
LEASE = timedelta(seconds=60)
PAUSE = timedelta(seconds=5)
SKIPPED = 1_000_000
"""Positions left out after a restore: more than any agency got since the backup."""


def name_agency(uow: UnitOfWork, event: AgencyPublished) -> None:
    names = {"name_vi": event.name.vi, "name_en": event.name.en}
    row = upsert(agencies).values(code=event.code, **names)
    uow.session.execute(row.on_conflict_do_update(index_elements=[agencies.c.code], set_=names))


def append(uow: UnitOfWork, event: DossierEvent | DecisionApplied | DecisionRejected) -> None:
    """At the agency's next position, once per event id: a repeat takes no position."""
    message = uow.message
    assert message is not None
    if _logged(uow, event.agency, message.id):
        return
    position = _next_position(uow, event.agency)
    uow.session.execute(
        insert(agency_log).values(
            agency=event.agency,
            position=position,
            event_id=message.id,
            event=_cloud_event(message, event, position),
            at=uow.now(),
        )
    )


def claim(uow: UnitOfWork) -> Stretch | None:
    """Lease one connected agency whose queue lacks something. None: every queue has all."""
    start = func.greatest(agencies.c.published_position, agencies.c.pruned_position)
    behind = (
        select(agencies.c.code)
        .where(
            agencies.c.connected_at.is_not(None),
            (start < agencies.c.last_position) | agencies.c.rewind_to.is_not(None),
            (agencies.c.next_try_at.is_(None)) | (agencies.c.next_try_at <= uow.now()),
        )
        .order_by(agencies.c.next_try_at.nulls_first())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    code = uow.session.scalar(behind)
    if code is None:
        return None
    leased = update(agencies).where(agencies.c.code == code)
    values = {
        "lease": new_id(),
        "next_try_at": uow.now() + LEASE,
        # Asked for while another published: only now, so that the two streams do not mingle.
        "published_position": func.coalesce(agencies.c.rewind_to, start),
        "rewind_to": None,
    }
    row = uow.session.execute(leased.values(values).returning(agencies)).one()
    return Stretch(code, row.lease, entries(uow, code, row.published_position, STRETCH))


def mark_published(uow: UnitOfWork, stretch: Stretch) -> None:
    """Only while the lease is ours: a queue made anew meanwhile starts again from the first position."""
    values: dict[str, Any] = {"next_try_at": None, "lease": None, "last_error": None}
    if stretch.entries:
        values["published_position"] = stretch.entries[-1].position
    _update_leased(uow, stretch, values)


def put_off(uow: UnitOfWork, stretch: Stretch, why: str) -> None:
    _update_leased(uow, stretch, {"next_try_at": uow.now() + PAUSE, "lease": None, "last_error": why})


def _update_leased(uow: UnitOfWork, stretch: Stretch, values: dict[str, Any]) -> None:
    ours = update(agencies).where(agencies.c.code == stretch.agency, agencies.c.lease == stretch.lease)
    uow.session.execute(ours.values(values))


def entries(uow: UnitOfWork, agency: str, after: int, most: int) -> list[Entry]:
    """In order of position."""
    rows = select(agency_log).where(agency_log.c.agency == agency, agency_log.c.position > after)
    found = uow.session.execute(rows.order_by(agency_log.c.position).limit(most))
    return [
        Entry(
            position=row.position,
            key=log_key(agency, routing_key(row.event["type"])),
            event_id=row.event_id,
            type=row.event["type"],
            body=msgspec.json.encode(row.event),
        )
        for row in found
    ]


def _next_position(uow: UnitOfWork, agency: str) -> int:
    """Holds the agency's row until the transaction ends: positions commit in order, without a gap.

    Except after a restore: what was given out in the time that is lost is not given to other events.
    """
    life = _epoch(uow)
    row = upsert(agencies).values(code=agency, last_position=1, epoch=life)
    step_over = case((agencies.c.epoch != life, SKIPPED), else_=0)
    step = row.on_conflict_do_update(
        index_elements=[agencies.c.code],
        set_={"last_position": agencies.c.last_position + 1 + step_over, "epoch": life},
    )
    position: int = uow.session.execute(step.returning(agencies.c.last_position)).scalar_one()
    return position


def _epoch(uow: UnitOfWork) -> str:
    """Looked up once for a batch of events, which is one transaction."""
    known: str = uow.session.info.get("epoch") or epoch.current(uow.session)
    uow.session.info["epoch"] = known
    return known


def _logged(uow: UnitOfWork, agency: str, event_id: UUID) -> bool:
    same = exists().where(agency_log.c.agency == agency, agency_log.c.event_id == event_id)
    return bool(uow.session.scalar(select(same)))


def _cloud_event(message: Message, event: Event, position: int) -> dict[str, Any]:
    envelope = json.loads(msgspec.json.encode(message))
    envelope.pop("user", None)
    return {**envelope, "position": position, "data": _public(event)}


def _public(event: Event) -> dict[str, Any]:
    """The data without the fields that are sealed for a service of ours, even when those are empty."""
    sealed = {f.name for f in msgspec.structs.fields(event) if Sealed in (f.type, *get_args(f.type))}
    return {name: value for name, value in msgspec.to_builtins(event).items() if name not in sealed}
