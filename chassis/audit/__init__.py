"""The audit log: who did what to whose data, and who looked. Append-only, chained, in every service.

`audit.record(uow, audit.caller(), "client-revoked", None, about=str(client.id))` belongs to the transaction
of what it tells of: both are there or neither.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from flask import g, has_request_context

from chassis import auth, tracing
from chassis.audit import chaining
from chassis.audit.entry import CONSOLE, ITSELF, Actor, Entry
from chassis.unit_of_work import UnitOfWork

__all__ = ["CONSOLE", "ITSELF", "LOOK", "Actor", "caller", "looked", "record"]

LOOK = "look-"
"""Deeds that begin so are shown to the person whose data was looked at."""


def record(
    uow: UnitOfWork,
    who: Actor,
    deed: str,
    whose: UUID | None,
    about: str = "",
    details: Mapping[str, str | int | bool] | None = None,
) -> None:
    """Written with the commit; undone with a rollback.

    `deed` is a kebab-case verb in the past, such as `session-ended`. `whose`: the account whose data it is
    about. `about`: the object by its id or code. The log is never erased, so no argument may say anything
    personal: no name, number, phone, address, and no secret.
    """
    said = msgspec.json.encode(dict(details or {}), order="sorted").decode()
    entry = Entry(uow.now(), who, deed, whose, about[:200], _request(), said)
    chaining.keep(uow.session, uow.settings, entry)


def looked(uow: UnitOfWork, at: str, whose: UUID, about: str = "") -> None:
    """The caller saw data of somebody else. `at` is a kebab-case noun: `dossier`, `file`, `account`."""
    record(uow, caller(), LOOK + at, whose, about)


def caller(elsewhere: Actor = ITSELF) -> Actor:
    """Whoever sits there in the current request, also when they act for somebody; on a route for anyone
    nobody in particular; `elsewhere` where there is no request.
    """
    if not has_request_context():
        return elsewhere
    me: auth.Principal | None = g.get("principal")
    return Actor(me.kind, me.person, me.agency) if me else Actor("anyone")


def _request() -> str:
    if has_request_context():
        return str(g.get("request_id", ""))[:64]
    return (tracing.current() or "--").split("-")[1]
