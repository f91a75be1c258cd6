"""Reactions whose aggregates are loaded together for a batch, and what is undone when one of them fails."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, String, Table, event, select, update

from chassis import tables
from chassis.consumer import Consumer
from chassis.db import new_metadata, open_engine, registry_for
from chassis.handling import Delivered, Handler, handlers_of, loading
from chassis.tables import inbox, parking
from chassis.testing import delivery, fresh_database, test_settings
from chassis.unit_of_work import UnitOfWork, UnitsOfWork, utc_now
from tests.chassis.toys import Counted

metadata = new_metadata()
people = Table(
    "people",
    metadata,
    Column("who", String(10), primary_key=True),
    Column("total", Integer, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)


class Person:
    who: str
    total: int


class Versioned:
    """The same, not locked: its version is compared when it is written."""

    who: str
    total: int


registry_for(metadata).map_imperatively(Person, people)
registry_for(metadata).map_imperatively(Versioned, people, version_id_col=people.c.version)


def people_of(uow: UnitOfWork, events: Sequence[Counted]) -> dict[str, Person]:
    named = select(Person).where(people.c.who.in_({event.who for event in events}))
    return {person.who: person for person in uow.session.scalars(named.with_for_update())}


def versioned(uow: UnitOfWork, events: Sequence[Counted]) -> dict[str, Versioned]:
    named = select(Versioned).where(people.c.who.in_({event.who for event in events}))
    return {person.who: person for person in uow.session.scalars(named)}


@loading(people_of)
def add(uow: UnitOfWork, event: Counted, found: dict[str, Person]) -> None:
    """A negative number is added, too, and then refused."""
    person = found.get(event.who)
    if person is None:
        person = found[event.who] = Person()
        person.who, person.total = event.who, 0
        uow.session.add(person)
    person.total += event.number
    if event.number < 0:
        raise ValueError("negative")


@pytest.fixture
def units(postgres_url: str) -> Iterator[UnitsOfWork]:
    url = fresh_database(postgres_url, f"test_loading_{uuid4().hex[:8]}")
    engine = open_engine(url, "test")
    tables.metadata.create_all(engine)
    metadata.create_all(engine)
    yield UnitsOfWork(engine, test_settings("notify", url))
    engine.dispose()


@pytest.fixture
def consumer(units: UnitsOfWork) -> Consumer:
    return Consumer("toy", handlers_of({Counted: [add]}), units)


def given(*said: tuple[str, int]) -> list[Delivered]:
    return [delivery(Counted(who=who, number=number), utc_now()) for who, number in said]


def totals(units: UnitsOfWork) -> dict[str, int]:
    with units() as uow:
        return {row.who: row.total for row in uow.session.execute(select(people))}


def parked(units: UnitsOfWork) -> list[tuple[str, int]]:
    with units() as uow:
        rows = uow.session.execute(select(parking).order_by(parking.c.subject, parking.c.error))
        return [(row.subject, row.attempts) for row in rows]


@contextmanager
def counted(units: UnitsOfWork, what: str) -> Iterator[list[str]]:
    """Statements on `people` that begin so."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(what) and "people" in statement:
            seen.append(statement)

    event.listen(units.engine, "before_cursor_execute", note)
    yield seen
    event.remove(units.engine, "before_cursor_execute", note)


def test_a_batch_is_loaded_by_one_query_and_written_by_one(units: UnitsOfWork, consumer: Consumer) -> None:
    consumer.handle(given(*((f"p{n}", 1) for n in range(20))))
    with counted(units, "SELECT") as reads, counted(units, "UPDATE") as writes:
        consumer.handle(given(*((f"p{n % 20}", 1) for n in range(40))))
    assert len(reads) == 1
    assert len(writes) == 1
    assert totals(units) == {f"p{n}": 3 for n in range(20)}


def test_what_is_not_there_is_not_asked_for_again_and_made_once(
    units: UnitsOfWork, consumer: Consumer
) -> None:
    with counted(units, "SELECT") as reads:
        consumer.handle(given(("an", 1), ("an", 2), ("binh", 3), ("an", 4)))
    assert len(reads) == 1
    assert totals(units) == {"an": 7, "binh": 3}


def test_what_a_failed_reaction_did_to_an_aggregate_is_undone(units: UnitsOfWork, consumer: Consumer) -> None:
    consumer.handle(given(("an", 1), ("binh", 1)))
    consumer.handle(given(("an", 10), ("binh", 10), ("an", -5), ("binh", 100), ("an", 1000), ("cuc", 7)))
    assert totals(units) == {"an": 11, "binh": 111, "cuc": 7}
    assert parked(units) == [("an", 1), ("an", 0)]


def test_what_a_failed_reaction_made_is_not_there_for_those_behind_it(
    units: UnitsOfWork, consumer: Consumer
) -> None:
    consumer.handle(given(("binh", 1), ("an", -5), ("cuc", 1)))
    assert totals(units) == {"binh": 1, "cuc": 1}
    assert parked(units) == [("an", 1)]


def test_one_that_fails_costs_the_others_of_its_batch_one_transaction_more(
    units: UnitsOfWork, consumer: Consumer
) -> None:
    began: list[int] = []
    event.listen(units.engine, "begin", lambda _connection: began.append(1))
    consumer.handle(given(("an", 1), ("binh", 1), ("duc", -1), ("cuc", 1), ("em", 1)))
    assert len(began) == 3
    assert totals(units) == {"an": 1, "binh": 1, "cuc": 1, "em": 1}


def test_what_an_event_before_it_left_to_be_written_is_not_its_fault(units: UnitsOfWork) -> None:
    """It reads, so what the one before left is written, and fails, while it runs."""

    def add_and_look(uow: UnitOfWork, event: Counted) -> None:
        person = Person()
        person.who, person.total = event.who, 1
        uow.session.scalars(select(Person)).all()
        uow.session.add(person)

    consumer = Consumer("toy", [Handler("add", Counted, add_and_look)], units)
    consumer.handle(given(("an", 1), ("n" * 11, 1), ("binh", 1), ("cuc", 1)))
    assert totals(units) == {"an": 1, "binh": 1, "cuc": 1}
    assert parked(units) == [("n" * 11, 1)]


def test_a_conflict_with_somebody_else_undoes_all_and_each_event_counts_once(
    units: UnitsOfWork, consumer: Consumer
) -> None:
    """Somebody changes an aggregate that is not locked, between the load and the write."""
    consumer.handle(given(("an", 1), ("binh", 1), ("cuc", 1)))
    meddled: list[int] = []

    @loading(versioned)
    def late(_uow: UnitOfWork, event: Counted, found: dict[str, Versioned]) -> None:
        found[event.who].total += event.number
        if event.who == "binh" and not meddled:
            meddled.append(1)
            with units() as other:
                other.session.execute(
                    update(people)
                    .where(people.c.who == "binh")
                    .values(total=50, version=people.c.version + 1)
                )

    Consumer("toy", handlers_of({Counted: [late]}), units).handle(given(("an", 1), ("binh", 1), ("cuc", 1)))
    assert totals(units) == {"an": 2, "binh": 51, "cuc": 2}
    assert parked(units) == []


def test_an_event_that_came_twice_counts_once_also_when_it_comes_with_one_that_fails(
    units: UnitsOfWork, consumer: Consumer
) -> None:
    first, bad, last = given(("an", 1), ("binh", -1), ("an", 2))
    consumer.handle([first, first, bad, bad, last, first])
    consumer.handle([first, bad, last])
    assert totals(units) == {"an": 3}
    assert parked(units) == [("binh", 1)]
    with units() as uow:
        assert len(uow.session.scalars(select(inbox.c.event_id)).all()) == 2


def test_a_parked_event_is_tried_again_by_itself_with_what_it_needs(
    units: UnitsOfWork, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer.handle(given(("an", 1)))
    consumer.handle(given(("an", -5)))
    with units() as uow:
        uow.session.execute(update(parking).values(next_try_at=uow.now()))
    monkeypatch.setattr(add, "react", lambda _uow, event, found: setattr(found[event.who], "total", 42))
    assert consumer.retry_parked() == 1
    assert totals(units) == {"an": 42}
