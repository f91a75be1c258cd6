"""Events that cannot be handled, put aside in a real database."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, String, Table, insert, select

from chassis import tables
from chassis.consumer import Consumer
from chassis.db import new_metadata, open_engine, registry_for
from chassis.handling import Handler
from chassis.parking import let_wait, park
from chassis.tables import parking
from chassis.testing import delivery, fresh_database, test_settings
from chassis.unit_of_work import UnitOfWork, UnitsOfWork, utc_now
from tests.chassis.toys import Counted

metadata = new_metadata()
seen = Table(
    "seen",
    metadata,
    Column("who", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
)


@pytest.fixture
def units(postgres_url: str) -> Iterator[UnitsOfWork]:
    url = fresh_database(postgres_url, f"test_parking_{uuid4().hex[:8]}")
    engine = open_engine(url, "test")
    tables.metadata.create_all(engine)
    metadata.create_all(engine)
    yield UnitsOfWork(engine, test_settings("notify", url))
    engine.dispose()


def count(uow: UnitOfWork, event: Counted) -> None:
    uow.session.execute(insert(seen).values(who=event.who, number=event.number))


def put_aside(units: UnitsOfWork, handler: str, type: str = Counted.type) -> None:
    made = delivery(Counted(who=handler, number=1), utc_now() - timedelta(hours=1))
    with units() as uow:
        park(uow.session, made.message, made.body, handler, None, utc_now() - timedelta(hours=1))
        uow.session.execute(parking.update().where(parking.c.handler == handler).values(type=type))


def test_what_nobody_handles_any_more_stays_parked_and_delays_nobody(units: UnitsOfWork) -> None:
    put_aside(units, "count", type="motcua.toy.of-old.v1")
    put_aside(units, "recount")
    consumer = Consumer("toy", [Handler("count", Counted, count), Handler("recount", Counted, count)], units)
    assert consumer.retry_parked() == 1
    assert consumer.retry_parked() == 0
    with units() as uow:
        assert list(uow.session.execute(select(parking.c.type)).scalars()) == ["motcua.toy.of-old.v1"]
        assert list(uow.session.execute(select(seen.c.who)).scalars()) == ["recount"]


def test_what_waits_behind_a_parked_event_is_not_tried_before_it_though_its_own_time_has_come(
    units: UnitsOfWork,
) -> None:
    consumer = Consumer("toy", [Handler("count", Counted, count)], units)
    with units() as uow:
        for number, wait in ((1, timedelta(hours=1)), (2, -timedelta(hours=1))):
            made = delivery(Counted(who="an", number=number), utc_now(), number)
            park(uow.session, made.message, made.body, "count", None, utc_now() + wait)
    assert consumer.retry_parked() == 0


def test_the_error_that_is_kept_says_nothing_of_what_was_written(units: UnitsOfWork) -> None:
    def fail(uow: UnitOfWork, event: Counted) -> None:
        uow.session.execute(insert(seen).values(who="0912000017" * 9, number=event.number))

    consumer = Consumer("toy", [Handler("fail", Counted, fail)], units)
    consumer.handle([delivery(Counted(who="an", number=1), utc_now())])
    with units() as uow:
        (error,) = uow.session.execute(select(parking.c.error)).scalars()
    assert error.startswith("DataError")
    assert "0912000017" not in error


def test_the_error_of_a_broken_constraint_quotes_no_value(units: UnitsOfWork) -> None:
    consumer = Consumer("toy", [Handler("count", Counted, count)], units)
    for number in (1, 2):
        consumer.handle([delivery(Counted(who="0912000017", number=number), utc_now(), number)])
    with units() as uow:
        (error,) = uow.session.execute(select(parking.c.error)).scalars()
    assert error.startswith("IntegrityError: 23505 duplicate key")
    assert "0912000017" not in error


def parked_at(units: UnitsOfWork) -> dict[int, bool]:
    """By sequence, whether its time has come."""
    with units() as uow:
        rows = uow.session.execute(select(parking.c.sequence, parking.c.next_try_at))
        return {row.sequence: row.next_try_at is not None and row.next_try_at <= utc_now() for row in rows}


def test_what_waits_behind_another_is_looked_at_again_when_that_is_done(units: UnitsOfWork) -> None:
    failing = True

    def fail(uow: UnitOfWork, event: Counted) -> None:
        if failing:
            raise ValueError("not now")

    consumer = Consumer("toy", [Handler("fail", Counted, fail)], units)
    consumer.handle([delivery(Counted(who="an", number=n), utc_now(), sequence=n) for n in (1, 2, 3)])
    let_wait(units)
    assert parked_at(units) == {1: False, 2: False, 3: False}

    failing = False
    with units() as uow:
        uow.session.execute(parking.update().where(parking.c.sequence == 1).values(next_try_at=uow.now()))
    assert consumer.retry_parked() == 1
    assert parked_at(units) == {2: True, 3: False}
    assert [consumer.retry_parked() for _ in range(3)] == [1, 1, 0]


def test_what_waits_is_looked_at_in_the_end_although_nobody_woke_it(units: UnitsOfWork) -> None:
    with units() as uow:
        made = [delivery(Counted(who="an", number=n), utc_now(), sequence=n) for n in (1, 2)]
        for one in made:
            park(uow.session, one.message, one.body, "count", None, utc_now() - timedelta(hours=3))
    let_wait(units)
    with units() as uow:
        later = uow.session.scalars(select(parking.c.next_try_at).where(parking.c.sequence == 2)).one()
        assert later is not None
        assert timedelta(minutes=59) < later - utc_now() <= timedelta(hours=1)


class Seen:
    who: str
    number: int


registry_for(metadata).map_imperatively(Seen, seen)


def test_what_fails_only_when_all_is_written_is_found_among_the_others(units: UnitsOfWork) -> None:
    def add(uow: UnitOfWork, event: Counted) -> None:
        row = Seen()
        row.who, row.number = event.who, event.number
        uow.session.add(row)

    consumer = Consumer("toy", [Handler("add", Counted, add)], units)
    people = ["an", "ngoc", "n" * 41, "duc", "uoc", "k" * 41, "khoi"]
    consumer.handle([delivery(Counted(who=who, number=1), utc_now()) for who in people])
    with units() as uow:
        assert set(uow.session.scalars(select(seen.c.who))) == {"an", "ngoc", "duc", "uoc", "khoi"}
        assert set(uow.session.scalars(select(parking.c.subject))) == {"n" * 41, "k" * 41}
        assert len(uow.session.scalars(select(tables.inbox.c.event_id)).all()) == 5


def test_a_batch_in_which_all_fail_is_parked_whole(units: UnitsOfWork) -> None:
    def fail(uow: UnitOfWork, event: Counted) -> None:
        raise ValueError(event.who)

    consumer = Consumer("toy", [Handler("fail", Counted, fail)], units)
    consumer.handle([delivery(Counted(who=f"an {n}", number=n), utc_now()) for n in range(200)])
    with units() as uow:
        errors = uow.session.scalars(select(parking.c.error)).all()
        assert sorted(errors) == sorted(f"ValueError: an {n}" for n in range(200))
