"""A house of three tiny services: north speaks, south and east hear and count."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar
from uuid import uuid4

import psycopg
from sqlalchemy import BigInteger, Column, Identity, Integer, String, Table, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from chassis import tables, worker
from chassis.bus import Bus
from chassis.db import new_metadata, open_engine
from chassis.parking import NotYet
from chassis.service import Service
from chassis.tables import outbox, parking
from chassis.testing import fresh_database, test_settings
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from chassis.wake import Waker
from contracts.event import Event, Message


class Counted(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "motcua.toy.counted.v1"
    source: ClassVar[str] = "/services/north"

    who: str
    number: int

    @property
    def subject(self) -> str:
        return self.who


metadata = new_metadata()
tally = Table(
    "tally",
    metadata,
    Column("seen", BigInteger, Identity(), primary_key=True),
    Column("who", String(40), nullable=False),
    Column("number", Integer, nullable=False),
)


class Brittle(UnitsOfWork):
    """A worker's database that can be away."""

    away = False
    refused = 0

    @contextmanager
    def __call__(self, message: Message | None = None) -> Iterator[UnitOfWork]:
        if self.away:
            self.refused += 1
            raise OperationalError("BEGIN", None, psycopg.OperationalError("the database is away"))
        with super().__call__(message) as uow:
            yield uow


class Toy:
    """One service with a database of its own; its reaction counts, so a repeat would show."""

    def __init__(self, name: str, server_url: str) -> None:
        self.poison: set[tuple[str, int]] = set()
        self.not_yet: set[tuple[str, int]] = set()
        self.pause = 0.0
        url = fresh_database(server_url, f"toy_{name}_{uuid4().hex[:8]}")
        engine = open_engine(url, f"toy-{name}", 30)
        tables.metadata.create_all(engine)
        metadata.create_all(engine)
        settings = test_settings("notify", url)
        self.units = UnitsOfWork(engine, settings, after_commit=Waker(url))
        self.worked = Brittle(engine, settings)
        if name == "north":
            self.service = Service(name, metadata, announces=[Counted])
        else:
            self.service = Service(name, metadata, reactions={Counted: [self.count]})
        self._threads: list[threading.Thread] = []
        self._stop = threading.Event()

    def count(self, uow: UnitOfWork, event: Counted) -> None:
        time.sleep(self.pause)
        uow.session.execute(insert(tally).values(who=event.who, number=event.number))
        if (event.who, event.number) in self.not_yet:
            raise NotYet(f"{event.who} {event.number}")
        if (event.who, event.number) in self.poison:
            raise ValueError("poison")

    def start(self, bus: Bus) -> None:
        self._stop = threading.Event()
        self._threads = worker.start(self.service, self.worked, bus, self._stop)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)
            assert not thread.is_alive(), f"{thread.name} did not stop"
        self._threads = []

    def close(self) -> None:
        self.stop()
        self.units.engine.dispose()

    def say(self, who: str, *numbers: int) -> None:
        for number in numbers:
            with self.units() as uow:
                uow.emit(Counted(who=who, number=number))

    def counted(self) -> dict[str, list[int]]:
        """What was counted, in the order it was, for each aggregate."""
        heard: dict[str, list[int]] = {}
        with self.units() as uow:
            for row in uow.session.execute(select(tally).order_by(tally.c.seen)):
                heard.setdefault(row.who, []).append(row.number)
        return heard

    def parked(self) -> list[tuple[str, int]]:
        with self.units() as uow:
            rows = uow.session.execute(
                select(parking.c.subject, parking.c.sequence).order_by(parking.c.subject, parking.c.sequence)
            )
            return [(row.subject, row.sequence) for row in rows]

    def make_parked_due(self) -> None:
        with self.units() as uow:
            uow.session.execute(update(parking).values(next_try_at=uow.now()))

    def forget_that_it_was_sent(self) -> None:
        with self.units() as uow:
            uow.session.execute(update(outbox).values(sent_at=None))

    def unsent(self) -> int:
        with self.units() as uow:
            return len(uow.session.execute(select(outbox.c.event_id).where(outbox.c.sent_at.is_(None))).all())

    def empty_the_inbox(self) -> None:
        with self.units() as uow:
            uow.session.execute(delete(tables.inbox))


@contextmanager
def toy(name: str, server_url: str) -> Iterator[Toy]:
    made = Toy(name, server_url)
    try:
        yield made
    finally:
        made.close()


def eventually(true: Callable[[], bool], within: float = 60) -> None:
    until = time.monotonic() + within
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)
