"""Events tried alone: what ends its process, what others ended, and a database that goes away meanwhile."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from chassis.consumer import Consumer
from chassis.handling import Delivered, Handler
from chassis.tables import parking
from chassis.testing import delivery
from chassis.unit_of_work import UnitOfWork, UnitsOfWork, utc_now
from tests.chassis.test_parking import count, parked_at, seen, units  # noqa: F401
from tests.chassis.toys import Counted


class Killed(BaseException):
    """As SIGKILL: nothing behind it is done."""


def returned(who: str, number: int, returns: int) -> Delivered:
    made = delivery(Counted(who=who, number=number), utc_now(), number)
    return replace(made, returns=returns)


def test_what_nobody_lived_to_acknowledge_is_parked_before_it_is_tried_again(units: UnitsOfWork) -> None:  # noqa: F811
    def die(uow: UnitOfWork, event: Counted) -> None:
        if event.who == "killer":
            raise Killed
        count(uow, event)

    def worker() -> Consumer:
        return Consumer("toy", [Handler("die", Counted, die)], units)

    batch = [returned("an", 1, 3), returned("killer", 1, 3), returned("ngoc", 1, 3)]
    with pytest.raises(Killed):
        worker().handle(batch)
    worker().handle(batch)
    with units() as uow:
        assert set(uow.session.execute(select(seen.c.who)).scalars()) == {"an", "ngoc"}
        ((who, error, next_try),) = uow.session.execute(
            select(parking.c.subject, parking.c.error, parking.c.next_try_at)
        )
    assert (who, error) == ("killer", "EndedItsProcess: 3 times")
    assert next_try > utc_now() + timedelta(minutes=7)
    assert worker().retry_parked() == 0


def test_what_ends_its_process_when_tried_again_is_tried_much_later_and_in_the_end_left_to_an_operator(
    units: UnitsOfWork,  # noqa: F811
) -> None:
    def die(uow: UnitOfWork, event: Counted) -> None:
        raise Killed if event.who == "killer" else ValueError("no")

    def due_in() -> timedelta | None:
        with units() as uow:
            at = uow.session.scalars(select(parking.c.next_try_at).where(parking.c.subject == "killer")).one()
            uow.session.execute(parking.update().values(next_try_at=uow.now() if at else None))
            return at - uow.now() if at else None

    def worker() -> Consumer:
        return Consumer("toy", [Handler("die", Counted, die)], units)

    with pytest.raises(Killed):
        worker().handle([returned("killer", 1, 3)])
    waits = [due_in()]
    for _ in range(2):
        with pytest.raises(Killed):
            worker().retry_parked()
        waits.append(due_in())
    assert [round(wait / timedelta(minutes=30)) if wait else None for wait in waits] == [0, 2, None]
    assert worker().retry_parked() == 0, "it does not end one worker after the other"


def test_what_failed_and_then_ended_its_process_is_soon_tried_again_once(units: UnitsOfWork) -> None:  # noqa: F811
    end: type[BaseException] = ValueError

    def fail(uow: UnitOfWork, event: Counted) -> None:
        raise end

    def due_in() -> timedelta:
        with units() as uow:
            wait: timedelta = uow.session.scalars(select(parking.c.next_try_at)).one() - uow.now()
            uow.session.execute(parking.update().values(next_try_at=uow.now()))
            return wait

    def worker() -> Consumer:
        return Consumer("toy", [Handler("fail", Counted, fail)], units)

    worker().handle([delivery(Counted(who="an", number=1), utc_now())])
    due_in()
    end = Killed
    waits = []
    for _ in range(2):
        with pytest.raises(Killed):
            worker().retry_parked()
        waits.append(due_in())
    assert waits[0] < timedelta(seconds=5), "killed by others, it is handled soon"
    assert waits[1] > timedelta(minutes=59), "the second time it is suspected itself"


def test_what_is_tried_when_the_database_goes_away_is_tried_again_at_once(units: UnitsOfWork) -> None:  # noqa: F811
    trouble: list[Exception] = [ValueError("no"), *[OperationalError("", {}, psycopg.OperationalError())] * 3]

    def meet_trouble(uow: UnitOfWork, event: Counted) -> None:
        if trouble:
            raise trouble.pop(0)

    consumer = Consumer("toy", [Handler("meet", Counted, meet_trouble)], units)
    consumer.handle([delivery(Counted(who="an", number=1), utc_now())])
    with units() as uow:
        uow.session.execute(parking.update().values(next_try_at=uow.now()))
    for _ in range(3):
        with pytest.raises(OperationalError):
            consumer.retry_parked()
    assert consumer.retry_parked() == 1, "the worker lives: nothing is suspected"
    assert parked_at(units) == {}


def test_nor_is_what_came_back_because_the_database_went_away_left_for_later(
    units: UnitsOfWork,  # noqa: F811
) -> None:
    trouble = [OperationalError("", {}, psycopg.OperationalError())] * 2

    def meet_trouble(uow: UnitOfWork, event: Counted) -> None:
        if trouble:
            raise trouble.pop()
        count(uow, event)

    consumer = Consumer("toy", [Handler("meet", Counted, meet_trouble)], units)
    message = returned("an", 1, 3)
    for _ in range(2):
        with pytest.raises(OperationalError):
            consumer.handle([message])
    consumer.handle([message])
    with units() as uow:
        assert list(uow.session.execute(select(seen.c.who)).scalars()) == ["an"]
    assert parked_at(units) == {}
