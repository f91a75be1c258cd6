"""Events that cannot be handled, put aside in a real database."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, String, Table, insert, select

from chassis import tables
from chassis.consumer import Consumer, Handler
from chassis.db import new_metadata, open_engine
from chassis.parking import park
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


def test_the_error_that_is_kept_says_nothing_of_what_was_written(units: UnitsOfWork) -> None:
    def fail(uow: UnitOfWork, event: Counted) -> None:
        uow.session.execute(insert(seen).values(who="0912000017" * 9, number=event.number))

    consumer = Consumer("toy", [Handler("fail", Counted, fail)], units)
    consumer.handle([delivery(Counted(who="an", number=1), utc_now())])
    with units() as uow:
        (error,) = uow.session.execute(select(parking.c.error)).scalars()
    assert error.startswith("DataError")
    assert "0912000017" not in error
