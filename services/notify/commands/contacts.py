"""Where people are reached, from their registration until their account is closed."""

import json

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis import personal
from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountClosed, AccountRegistered
from services.notify.tables import contacts, notifications


def keep(uow: UnitOfWork, event: AccountRegistered, sequence: int) -> None:
    """Remember, encrypted, where a person is reached. What is older than what is kept changes nothing."""
    if not _is_news(uow, event, sequence):
        return
    contact = json.loads(uow.unseal(event.contact))
    email = contact.get("email")
    values = {
        "language": event.language,
        "phone": uow.protect(event.account, contact["phone"]),
        "email": uow.protect(event.account, email) if email else None,
        "sequence": sequence,
    }
    row = insert(contacts).values(person=event.account, **values)
    uow.session.execute(row.on_conflict_do_update(index_elements=[contacts.c.person], set_=values))


def forget(uow: UnitOfWork, event: AccountClosed, sequence: int) -> None:
    """The inbox goes, and the data key with whatever was still to be sent under it."""
    values = {"phone": None, "email": None, "sequence": sequence}
    row = insert(contacts).values(person=event.account, language="vi", **values)
    uow.session.execute(row.on_conflict_do_update(index_elements=[contacts.c.person], set_=values))
    uow.session.execute(delete(notifications).where(notifications.c.person == event.account))
    personal.erase(uow.session, event.account)


def _is_news(uow: UnitOfWork, event: AccountRegistered, sequence: int) -> bool:
    """Asked before anything is encrypted: that would make a data key for a person who was forgotten."""
    held = select(contacts.c.sequence).where(contacts.c.person == event.account).with_for_update()
    kept = uow.session.execute(held).scalar_one_or_none()
    return kept is None or kept < sequence
