"""Toy services whose reaction counts: what is applied twice is seen twice.

A deed and its event are one transaction. `harm` is what a reaction does until it is healed.
"""

import os
import signal
import time
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Integer, String, Table, Uuid, func, insert, text

from chassis import tables
from chassis.db import Moment, new_id, new_metadata, open_engine
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.event import Event, Sealed


class Did(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "motcua.toy.did.v1"
    source: ClassVar[str] = "/services/north"
    blanked_once_sent: ClassVar[tuple[str, ...]] = ()

    who: str
    number: int
    deed: UUID
    harm: str = ""
    padding: str = ""
    secret: Sealed | None = None

    @property
    def subject(self) -> str:
        return self.who


metadata = new_metadata()
deeds = Table(
    "deeds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("who", String(40), nullable=False),
    Column("at", Moment, nullable=False, server_default=func.clock_timestamp()),
)
tally = Table(
    "tally",
    metadata,
    Column("seen", BigInteger, Identity(), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("who", String(40), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("secret", String(40)),
    Column("at", Moment, nullable=False, server_default=func.clock_timestamp()),
)


def prepare(url: str) -> None:
    engine = open_engine(url, "toy-prepare")
    tables.metadata.create_all(engine)
    metadata.create_all(engine)
    engine.dispose()


def do(uow: UnitOfWork, who: str, number: int, sealed: bool = False, **more: Any) -> UUID:
    """One deed and its event, with a secret in it when `sealed`. Returns the deed's id."""
    deed = new_id()
    uow.session.execute(insert(deeds).values(id=deed, who=who))
    secret = uow.seal(f"secret {number}", "notify") if sealed else None
    uow.emit(Did(who=who, number=number, deed=deed, secret=secret, **more))
    return deed


class Counting:
    """The reaction. `pause` makes a batch last, in seconds."""

    def __init__(self, healed: bool, pause: float) -> None:
        self._healed = healed
        self._pause = pause

    def count(self, uow: UnitOfWork, event: Did) -> None:
        assert uow.message is not None
        time.sleep(self._pause)
        row = {"event_id": uow.message.id, "who": event.who, "sequence": uow.message.sequence}
        secret = uow.unseal(event.secret) if event.secret else None
        uow.session.execute(insert(tally).values(**row, number=event.number, secret=secret))
        if event.harm and not self._healed:
            HARMS[event.harm](uow, event)


def raises(_uow: UnitOfWork, _event: Did) -> None:
    raise ValueError("a reaction that fails")


def violates_a_constraint(uow: UnitOfWork, event: Did) -> None:
    for _ in range(2):
        uow.session.execute(insert(deeds).values(id=event.deed, who=event.who))


def takes_too_long(uow: UnitOfWork, _event: Did) -> None:
    uow.session.execute(text("SET LOCAL statement_timeout = 20"))
    uow.session.execute(text("SELECT pg_sleep(5)"))


def writes_nul(uow: UnitOfWork, event: Did) -> None:
    uow.session.execute(insert(deeds).values(id=event.deed, who="a\0b"))


def writes_too_much(uow: UnitOfWork, event: Did) -> None:
    uow.session.execute(insert(deeds).values(id=event.deed, who=event.padding))


def kills_the_process(_uow: UnitOfWork, _event: Did) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


HARMS: dict[str, Callable[[UnitOfWork, Did], None]] = {
    "the reaction raises": raises,
    "violates a constraint": violates_a_constraint,
    "exceeds the statement time-out": takes_too_long,
    "writes the character NUL": writes_nul,
    "is huge, and too long for its column": writes_too_much,
    "kills the process": kills_the_process,
}


def speak(units: UnitsOfWork, people: int, events: int, pause: float = 0, **more: Any) -> None:
    """`events` deeds in turn of `people` persons, each a transaction of its own."""
    for number in range(events):
        with units() as uow:
            do(uow, f"p{number % people}", number, **more)
        time.sleep(pause)
