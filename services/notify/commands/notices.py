"""Telling an account's owner what happened to it, on every channel."""

import json
from datetime import datetime

from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountNotice
from services.notify import queries
from services.notify.commands import telling
from services.notify.model.templates import LANGUAGES, moment


def tell_owner(uow: UnitOfWork, event: AccountNotice) -> None:
    """SMS and e-mail go to where the event says, which may be a number that is being given up.

    They are under keys of their own, so that the last notice arrives although the person is forgotten.
    Officials have no inbox.
    """
    known = json.loads(uow.unseal(event.contact))
    contact = queries.Contact(event.language, known["phone"], known.get("email"))
    name = f"notice.{event.notice}"
    if queries.has_inbox(uow, event.account):
        values_in = {language: _values(uow, event, language) for language in LANGUAGES}
        telling.put_in_inbox(uow, event.account, name, values_in, event.at)
    secret = uow.unseal(event.secret) if event.secret else None
    telling.send(uow, None, name, contact, {**_values(uow, event, event.language), "secret": secret})


def _values(uow: UnitOfWork, event: AccountNotice, language: str) -> dict[str, str | None]:
    details = {name: _said(name, detail, language) for name, detail in event.details.items()}
    usual = {"at": moment(event.at, language), "portal": uow.settings.public_url}
    return {**details, **usual}


def _said(name: str, detail: str, language: str) -> str | None:
    return moment(datetime.fromisoformat(detail), language) if name.endswith("_at") else detail
