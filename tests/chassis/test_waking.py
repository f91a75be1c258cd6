"""The relay is woken by commits that have something for it, and by no others."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from chassis.bus.report import Report
from chassis.db import new_id
from chassis.testing import delivery
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from chassis.worker import note_reports
from tests.chassis.toys import Counted, toy

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


class Called:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def relay() -> Called:
    return Called()


@pytest.fixture
def units(postgres_url: str, relay: Called) -> Iterator[UnitsOfWork]:
    with toy("north", postgres_url) as north:
        yield UnitsOfWork(north.units.engine, north.units.settings, after_commit=relay)


def test_what_only_reads_or_writes_wakes_nobody(units: UnitsOfWork, relay: Called) -> None:
    with units() as uow:
        uow.session.execute(text("SELECT 1"))
        uow.emit()
    assert relay.times == 0


def test_events_of_a_command_wake_the_relay_once(units: UnitsOfWork, relay: Called) -> None:
    with units() as uow:
        uow.emit(Counted(who="an", number=1), Counted(who="an", number=2))
        assert relay.times == 0, "not before they are committed"
    assert relay.times == 1


def test_events_of_a_reaction_wake_it_too(units: UnitsOfWork, relay: Called) -> None:
    with units() as uow:
        UnitOfWork(uow.session, units.settings).emit(Counted(who="an", number=1))
    assert relay.times == 1


def test_what_is_rolled_back_wakes_nobody(units: UnitsOfWork, relay: Called) -> None:
    def say_and_fail() -> None:
        with units() as uow:
            uow.emit(Counted(who="an", number=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        say_and_fail()
    assert relay.times == 0


def test_what_is_undone_by_a_savepoint_does_not_silence_what_was_said_before(
    units: UnitsOfWork, relay: Called
) -> None:
    with units() as uow:
        uow.emit(Counted(who="an", number=1))
        uow.session.begin_nested().rollback()
    assert relay.times == 1


@pytest.mark.parametrize(
    ("report", "times"),
    [
        (Report(queue="south.events", handled={Counted.type: new_id()}), 0),
        (Report(queue="south.events", missing=[Counted.type]), 1),
        (Report(queue="south.events", emptied=True), 1),
        (Report(queue="south.events", lost_after=NOW), 1),
    ],
    ids=["nothing lacks", "a binding", "a queue", "a restored database"],
)
def test_a_report_wakes_it_when_a_queue_lacks_something(
    units: UnitsOfWork, relay: Called, report: Report, times: int
) -> None:
    note_reports(units, [delivery(report, NOW)])
    assert relay.times == times
