"""Rows that tell a person something: the inbox, and deliveries for the senders to send."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert

from chassis.db import new_id
from chassis.envelope import routing_key
from chassis.parking import NotYet
from chassis.unit_of_work import UnitOfWork
from contracts.dossier import DOSSIER_EVENTS, DossierEvent, DossierSubmitted
from contracts.identity import NOTICES, CodeRequested
from services.notify import queries
from services.notify.model.delivery import Channel
from services.notify.model.templates import LANGUAGES, Templates, clock_time, moment
from services.notify.tables import deliveries, notifications

_notification, _delivery = insert(notifications), insert(deliveries)
DATA = Path(__file__).parent.parent / "data" / "templates.toml"


@cache
def templates() -> Templates:
    """ValueError when data/templates.toml is not whole."""
    events = [routing_key(event.type) for event in DOSSIER_EVENTS]
    return Templates.parse(DATA.read_text("utf-8"), events, NOTICES)


def send_code(uow: UnitOfWork, event: CodeRequested) -> None:
    """The person may have no account yet: the delivery owns its data key, destroyed once it is settled."""
    name = f"code.{event.act or event.purpose}"
    values = {"one_time_code": uow.unseal(event.code), "until": clock_time(event.expires_at)}
    text = templates().say(name, event.language, "sms", values)
    content = {"to": uow.unseal(event.phone), "text": text}
    deliver(uow, None, "sms", name, content, expires_at=event.expires_at, urgent=True)


def contacts_of(uow: UnitOfWork, events: Sequence[DossierEvent]) -> dict[UUID, Row[Any]]:
    """Of the applicants, and their data keys with them."""
    people = {event.applicant for event in events}
    uow.fetch_keys(people)
    return queries.contacts_of(uow, people)


def tell_applicant(uow: UnitOfWork, event: DossierEvent, contacts: Mapping[UUID, Row[Any]]) -> None:
    """Inbox in both languages, SMS and e-mail in the person's own. Nobody once the account is closed.

    NotYet until the account is known.
    """
    row = contacts.get(event.applicant)
    if row is None:
        raise NotYet("the applicant's account was not heard of yet")
    if row.phone is None:
        return
    contact = queries.opened(uow, row)
    name = routing_key(event.type)
    reason = uow.unseal(event.reason) if event.reason else None
    values_in = {language: {**_values(uow, event, language), "reason": reason} for language in LANGUAGES}
    put_in_inbox(uow, event.applicant, name, values_in, event.at, event.code)
    values = _values(uow, event, contact.language)
    send(uow, event.applicant, name, contact, values)


def send(
    uow: UnitOfWork,
    person: UUID | None,
    name: str,
    contact: queries.Contact,
    values: Mapping[str, str | None],
) -> None:
    """SMS, and e-mail where an address is known. Without `person` under a data key of the delivery's own."""
    sms = {"to": contact.phone, "text": templates().say(name, contact.language, "sms", values)}
    deliver(uow, person, "sms", name, sms)
    if contact.email:
        subject = templates().say(name, contact.language, "title", values)
        text = templates().say(name, contact.language, "mail", values)
        mail = {"to": contact.email, "subject": subject, "text": text}
        deliver(uow, person, "mail", name, mail)


def put_in_inbox(
    uow: UnitOfWork,
    person: UUID,
    name: str,
    values_in: Mapping[str, Mapping[str, str | None]],
    at: datetime,
    dossier: str | None = None,
) -> None:
    """`values_in`: by language, what the template `name` may say."""
    content = {
        language: {
            "title": templates().say(name, language, "title", values),
            "text": templates().say(name, language, "inbox", values),
        }
        for language, values in values_in.items()
    }
    uow.write(
        _notification,
        id=new_id(),
        person=person,
        dossier=dossier,
        content=uow.protect(person, json.dumps(content, ensure_ascii=False)),
        at=at,
    )


def _values(uow: UnitOfWork, event: DossierEvent, language: str) -> dict[str, str | None]:
    answer_due = event.answer_due_at if isinstance(event, DossierSubmitted) else None
    return {
        "code": event.code,
        "procedure": event.procedure_name.en if language == "en" else event.procedure_name.vi,
        "agency": event.agency_name.en if language == "en" else event.agency_name.vi,
        "at": moment(event.at, language),
        "due": moment(event.due_at, language),
        "answer_due": moment(answer_due, language),
        "portal": uow.settings.public_url,
    }


def deliver(
    uow: UnitOfWork,
    person: UUID | None,
    channel: Channel,
    template: str,
    content: dict[str, str],
    expires_at: datetime | None = None,
    urgent: bool = False,
) -> None:
    """One message, to be sent until `expires_at`. Urgent: somebody sits and waits for it. Without a person
    it has a data key of its own.
    """
    now = uow.now()
    reference = new_id()
    owner = person or reference
    uow.write(
        _delivery,
        id=reference,
        owner=owner,
        channel=channel,
        priority=0 if urgent else 1,
        template=template,
        content=uow.protect(owner, json.dumps(content, ensure_ascii=False)),
        created_at=now,
        expires_at=expires_at,
        next_try_at=now,
    )
