"""Rows written with `uow.write`: when they go to the database, and in which order."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Column, ForeignKey, Integer, String, Table, event, insert, select
from sqlalchemy.exc import IntegrityError

from chassis.consumer import Consumer
from chassis.db import new_metadata, open_engine, registry_for
from chassis.handling import Handler
from chassis.tables import metadata as chassis_metadata
from chassis.tables import parking
from chassis.testing import delivery, fresh_database, test_settings
from chassis.unit_of_work import UnitOfWork, UnitsOfWork, utc_now
from tests.chassis.toys import Counted

metadata = new_metadata()
parents = Table("parents", metadata, Column("name", String(10), primary_key=True))
children = Table(
    "children",
    metadata,
    Column("name", String(10), primary_key=True),
    Column("parent", String(10), ForeignKey("parents.name"), nullable=False),
    Column("number", Integer),
)
parent, child = insert(parents), insert(children)


class Parent:
    name: str


class Child:
    name: str
    parent: str
    number: int | None


registry_for(metadata).map_imperatively(Parent, parents)
registry_for(metadata).map_imperatively(Child, children)


@pytest.fixture
def units(postgres_url: str) -> Iterator[UnitsOfWork]:
    url = fresh_database(postgres_url, f"test_pending_{uuid4().hex[:8]}")
    engine = open_engine(url, "test")
    chassis_metadata.create_all(engine)
    metadata.create_all(engine)
    yield UnitsOfWork(engine, test_settings("notify", url))
    engine.dispose()


@contextmanager
def executed(units: UnitsOfWork) -> Iterator[list[tuple[str, int]]]:
    """The table each INSERT was for, and how many rows it had."""
    seen: list[tuple[str, int]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith("INSERT"):
            seen.append((statement.split(maxsplit=3)[2], len(parameters) if many else 1))

    event.listen(units.engine, "before_cursor_execute", note)
    yield seen
    event.remove(units.engine, "before_cursor_execute", note)


def names(units: UnitsOfWork, table: Table = parents) -> set[str]:
    with units() as uow:
        return set(uow.session.scalars(select(table.c.name)))


def a_parent(name: str) -> Parent:
    made = Parent()
    made.name = name
    return made


def a_child(name: str, of: str) -> Child:
    made = Child()
    made.name, made.parent = name, of
    return made


def test_rows_of_one_statement_go_together_with_the_commit(units: UnitsOfWork) -> None:
    with executed(units) as seen, units() as uow:
        for name in "abc":
            uow.write(parent, name=name)
        assert seen == []
    assert seen == [("parents", 3)]
    assert names(units) == {"a", "b", "c"}


def test_what_is_read_finds_what_was_written(units: UnitsOfWork) -> None:
    with units() as uow:
        uow.write(parent, name="a")
        assert uow.session.scalars(select(parents.c.name)).all() == ["a"]
        uow.write(parent, name="b")
        assert uow.session.get(Parent, "b") is not None
        uow.write(parent, name="c")
        assert uow.session.scalar(select(parents.c.name).where(parents.c.name == "c")) == "c"


def test_the_order_is_kept_among_statements_and_objects(units: UnitsOfWork) -> None:
    with units() as uow:
        uow.write(parent, name="a")
        uow.write(child, name="a1", parent="a")
        uow.session.add(a_child("a2", of="a"))
        uow.session.add(a_parent("b"))
        uow.write(child, name="b1", parent="b")
        uow.session.add(a_child("b2", of="b"))
        uow.write(parent, name="c")
        uow.session.execute(insert(children).values(name="c1", parent="c"))
    assert names(units, children) == {"a1", "a2", "b1", "b2", "c1"}


def test_nothing_is_written_by_a_unit_of_work_that_failed(units: UnitsOfWork) -> None:
    def fail() -> None:
        with units() as uow:
            uow.write(parent, name="a")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert names(units) == set()


def test_a_savepoint_takes_back_what_was_written_inside_and_nothing_else(units: UnitsOfWork) -> None:
    def fail(uow: UnitOfWork) -> None:
        with uow.session.begin_nested():
            uow.write(parent, name="inside")
            raise ValueError("no")

    with units() as uow:
        uow.write(parent, name="before")
        with pytest.raises(ValueError, match="no"):
            fail(uow)
        uow.write(parent, name="after")
    assert names(units) == {"before", "after"}


def test_what_fails_inside_a_savepoint_fails_there(units: UnitsOfWork) -> None:
    with units() as uow:
        with pytest.raises(IntegrityError), uow.session.begin_nested():
            uow.write(child, name="x", parent="nobody")
        uow.write(parent, name="after")
    assert names(units) == {"after"}


def test_a_row_that_cannot_be_written_is_parked_alone(units: UnitsOfWork) -> None:
    def note(uow: UnitOfWork, counted: Counted) -> None:
        uow.write(parent, name=counted.who)

    consumer = Consumer("toy", [Handler("note", Counted, note)], units)
    people = ["an", "ngoc", "much too long", "duc", "an", "uoc"]
    consumer.handle([delivery(Counted(who=who, number=1), utc_now()) for who in people])
    assert names(units) == {"an", "ngoc", "duc", "uoc"}
    with units() as uow:
        rows = uow.session.execute(select(parking.c.subject, parking.c.error).order_by(parking.c.subject))
        kinds = [(row.subject, row.error.partition(":")[0]) for row in rows]
    assert kinds == [("an", "IntegrityError"), ("much too long", "DataError")]
    assert consumer.retry_parked() == 0
