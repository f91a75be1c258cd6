import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, any_, bindparam, func, select

from chassis.unit_of_work import UnitOfWork
from services.notify.tables import agencies, agency_log, contacts, notifications

_of_them = select(contacts).where(contacts.c.person == any_(bindparam("people", type_=ARRAY(Uuid))))


@dataclass(frozen=True)
class Contact:
    language: str
    phone: str
    email: str | None


@dataclass(frozen=True)
class Notification:
    """One line of a person's inbox, in the reader's language."""

    id: UUID
    title: str
    text: str
    dossier: str | None
    at: datetime
    read: bool


def contacts_of(uow: UnitOfWork, people: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """By person, as they are stored."""
    rows = uow.session.execute(_of_them, {"people": list(people)})
    return {row.person: row for row in rows}


def opened(uow: UnitOfWork, row: Row[Any]) -> Contact:
    email = row.email and uow.reveal(row.person, row.email)
    return Contact(row.language, uow.reveal(row.person, row.phone), email)


def has_inbox(uow: UnitOfWork, person: UUID) -> bool:
    """Applicants have, while their account is open."""
    known = select(contacts.c.person).where(contacts.c.person == person, contacts.c.phone.is_not(None))
    return uow.session.execute(known).first() is not None


def inbox(
    uow: UnitOfWork, person: UUID, language: str, limit: int, before: UUID | None = None
) -> Sequence[Notification]:
    """Newest first, those older than `before`."""
    rows = select(notifications).where(notifications.c.person == person)
    if before:
        rows = rows.where(notifications.c.id < before)
    found = uow.session.execute(rows.order_by(notifications.c.id.desc()).limit(limit))
    return [_shown(row, json.loads(uow.reveal(person, row.content))[language]) for row in found]


def unread(uow: UnitOfWork, person: UUID) -> int:
    count = select(func.count()).select_from(notifications)
    mine = count.where(notifications.c.person == person, notifications.c.read_at.is_(None))
    return uow.session.execute(mine).scalar_one()


def trace(connection: Connection, event_id: UUID) -> list[tuple[str, str]]:
    """Where the event is in agencies' logs, and whether their queues have it."""
    in_queue = (agencies.c.published_position >= agency_log.c.position).label("in_queue")
    rows = select(agency_log.c.agency, agency_log.c.position, in_queue)
    found = rows.join(agencies, agencies.c.code == agency_log.c.agency).where(
        agency_log.c.event_id == event_id
    )
    return [
        (
            f"log of agency {row.agency}",
            f"position {row.position}, " + ("given to its queue" if row.in_queue else "not in its queue yet"),
        )
        for row in connection.execute(found)
    ]


def _shown(row: Row[Any], words: dict[str, str]) -> Notification:
    return Notification(row.id, words["title"], words["text"], row.dossier, row.at, row.read_at is not None)
