"""Windows of the outbox one after the other: what is marked, and when."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select

from chassis import relay, subscriptions, tables
from chassis.bus import BusAway, Outgoing
from chassis.db import new_id, open_engine
from chassis.relay import WINDOW
from chassis.tables import outbox
from chassis.testing import fresh_database, test_settings
from chassis.unit_of_work import UnitsOfWork
from tests.chassis.toys import Counted

LAST = 50
ALL = 2 * WINDOW + LAST


@pytest.fixture
def units(postgres_url: str) -> Iterator[UnitsOfWork]:
    """With two whole windows and a part of one to be sent."""
    url = fresh_database(postgres_url, "test_chassis_relay")
    engine = open_engine(url, "test")
    tables.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(outbox), [row(number) for number in range(ALL)])
    yield UnitsOfWork(engine, test_settings("notify", url))
    engine.dispose()


def row(number: int) -> dict[str, object]:
    body = f'{{"number": {number}}}'
    return {
        "event_id": new_id(),
        "subject": "an",
        "sequence": number + 1,
        "type": Counted.type,
        "body": body,
        "recorded_at": datetime.now(UTC),
    }


class Broker:
    """Keeps what it confirmed, and how many were marked when each window was on its way."""

    def __init__(self, units: UnitsOfWork, takes: int = 10) -> None:
        self._units = units
        self._takes = takes
        self.windows: list[list[str]] = []
        self.marked_meanwhile: list[int] = []

    def publish(self, window: Sequence[Outgoing], meanwhile: Callable[[], None]) -> None:
        meanwhile()
        self.marked_meanwhile.append(marked(self._units))
        if len(self.windows) == self._takes:
            raise BusAway("refused")
        self.windows.append([event.body.decode() for event in window])


def marked(units: UnitsOfWork) -> int:
    with units() as uow:
        sent = select(func.count()).where(outbox.c.sent_at.is_not(None), outbox.c.log_position.is_not(None))
        return uow.session.execute(sent).scalar_one()


def pump(units: UnitsOfWork, broker: Broker, seconds: float = 30) -> int:
    with units.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        now = subscriptions.state(connection)
        return relay.pump(connection, broker, "north", now, seconds)  # type: ignore[arg-type]


def test_while_the_broker_has_a_window_the_one_before_is_marked(units: UnitsOfWork) -> None:
    broker = Broker(units)
    assert pump(units, broker) == ALL
    assert broker.marked_meanwhile == [0, WINDOW, 2 * WINDOW]
    assert marked(units) == ALL


def test_each_event_is_sent_once_and_in_order(units: UnitsOfWork) -> None:
    broker = Broker(units)
    pump(units, broker)
    assert [len(window) for window in broker.windows] == [WINDOW, WINDOW, LAST]
    assert [body for window in broker.windows for body in window] == [row(n)["body"] for n in range(ALL)]


def test_of_a_window_that_is_not_confirmed_nothing_is_marked_and_it_is_sent_again(units: UnitsOfWork) -> None:
    with pytest.raises(BusAway):
        pump(units, Broker(units, takes=1))
    assert marked(units) == WINDOW
    again = Broker(units)
    assert pump(units, again) == ALL - WINDOW
    assert again.windows[0][0] == row(WINDOW)["body"]


def test_without_time_for_more_it_is_one_window_and_marked_on_return(units: UnitsOfWork) -> None:
    broker = Broker(units)
    assert pump(units, broker, seconds=0) == WINDOW
    assert len(broker.windows) == 1
    assert marked(units) == WINDOW


def test_what_is_recorded_meanwhile_is_sent_with_the_next(units: UnitsOfWork) -> None:
    broker = Broker(units)
    assert pump(units, broker, seconds=0) == WINDOW
    with units.engine.begin() as connection:
        connection.execute(insert(outbox), [row(ALL)])
    assert pump(units, broker) == ALL - WINDOW + 1
    assert broker.windows[-1][-1] == row(ALL)["body"]
