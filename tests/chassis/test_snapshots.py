"""A walk over aggregates in a real database: whole, in order, in bounded batches, giving way to changes."""

import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, String, Table, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from chassis import envelope, snapshots, tables
from chassis.db import new_metadata, open_engine
from chassis.snapshots import BATCH, Aggregates, Step
from chassis.tables import outbox
from chassis.testing import fresh_database, test_settings
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.event import Event
from tests.chassis.toys import Counted

metadata = new_metadata()
boxes = Table(
    "boxes",
    metadata,
    Column("who", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
)
MANY = BATCH * 2 + 7


class BoxSnapshot(Counted, frozen=True, kw_only=True):
    type: ClassVar[str] = "motcua.toy.box-snapshot.v1"


def some(uow: UnitOfWork, after: str, limit: int) -> Sequence[tuple[str, Event | None]]:
    """A box with a number below nought is not spoken of."""
    query = select(boxes).where(boxes.c.who > after).order_by(boxes.c.who).limit(limit)
    found = uow.session.execute(query.with_for_update(read=True)).all()
    return [(r.who, BoxSnapshot(who=r.who, number=r.number) if r.number >= 0 else None) for r in found]


def none(uow: UnitOfWork, after: str, limit: int) -> Sequence[tuple[str, Event | None]]:
    return []


KINDS = (
    Aggregates("empty", BoxSnapshot, lambda _uow: 0, none),
    Aggregates("box", BoxSnapshot, lambda _uow: MANY, some),
)


@pytest.fixture
def units(postgres_url: str) -> Iterator[UnitsOfWork]:
    url = fresh_database(postgres_url, f"test_snapshots_{uuid4().hex[:8]}")
    engine = open_engine(url, "test")
    tables.metadata.create_all(engine)
    metadata.create_all(engine)
    made = UnitsOfWork(engine, test_settings("notify", url))
    with made() as uow:
        uow.session.execute(insert(boxes), [{"who": f"b{n:05}", "number": n} for n in range(MANY)])
    yield made
    engine.dispose()


def recorded(units: UnitsOfWork) -> list[tuple[str, int, int]]:
    """Who, number and sequence, in the order of sending."""
    with units() as uow:
        found = uow.session.execute(select(outbox.c.body).order_by(outbox.c.position)).scalars()
        messages = [envelope.open_up(body) for body in found]
    events = [(message, envelope.data_of(message, Counted)) for message in messages]
    return [(event.who, event.number, message.sequence) for message, event in events]


def walked(units: UnitsOfWork, after: str = "", only: str = "") -> list[Step]:
    return list(snapshots.walk(units, KINDS, after, only))


def test_every_aggregate_is_published_once_in_batches(units: UnitsOfWork) -> None:
    steps = walked(units)
    assert [step.seen for step in steps] == [0, BATCH, BATCH, 7]
    assert recorded(units) == [(f"b{n:05}", n, 1) for n in range(MANY)]


def test_an_exact_number_of_batches_ends(units: UnitsOfWork) -> None:
    with units() as uow:
        uow.session.execute(boxes.delete().where(boxes.c.number >= BATCH))
    assert [step.seen for step in walked(units)] == [0, BATCH, 0]


def test_a_walk_that_broke_off_goes_on_where_it_was(units: UnitsOfWork) -> None:
    walk = snapshots.walk(units, KINDS)
    _, first = next(walk), next(walk)
    del walk
    assert first.place == f"box:b{BATCH - 1:05}"
    walked(units, first.place)
    assert [who for who, _, _ in recorded(units)] == [f"b{n:05}" for n in range(MANY)]


def test_a_batch_is_whole_or_not_there(units: UnitsOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    real = UnitOfWork.emit

    def emit(uow: UnitOfWork, *events: Event) -> None:
        real(uow, *events)
        if len(recorded_in(uow)) > BATCH:
            raise ZeroDivisionError

    monkeypatch.setattr(UnitOfWork, "emit", emit)
    with pytest.raises(ZeroDivisionError):
        walked(units)
    assert len(recorded(units)) == BATCH


def recorded_in(uow: UnitOfWork) -> Sequence[object]:
    return uow.session.execute(select(outbox.c.event_id)).all()


def test_only_subjects_that_begin_so_are_published(units: UnitsOfWork) -> None:
    steps = walked(units, only="b0010")
    assert [who for who, _, _ in recorded(units)] == [f"b{n:05}" for n in range(100, 107)]
    assert (sum(step.seen for step in steps), sum(step.recorded for step in steps)) == (MANY, 7)


def test_what_may_not_be_told_any_more_is_passed_over_and_does_not_end_the_walk(units: UnitsOfWork) -> None:
    with units() as uow:
        uow.session.execute(update(boxes).where(boxes.c.number < BATCH).values(number=-1))
    walked(units)
    assert [who for who, _, _ in recorded(units)] == [f"b{n:05}" for n in range(BATCH, MANY)]


@pytest.mark.parametrize("place", ["bax:b1", "b00001", "empty"])
def test_a_place_of_another_walk_is_refused_or_the_beginning(units: UnitsOfWork, place: str) -> None:
    if place == "empty":
        assert sum(step.recorded for step in walked(units, place)) == MANY
    else:
        with pytest.raises(ValueError, match="no such place"):
            walked(units, place)


def change(uow: UnitOfWork, who: str, number: int) -> None:
    uow.session.execute(update(boxes).where(boxes.c.who == who).values(number=number))
    uow.emit(Counted(who=who, number=number))


def in_background(run: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_change_under_way_is_waited_for_and_not_overtaken_by_what_was_before_it(
    units: UnitsOfWork,
) -> None:
    with units() as uow:
        change(uow, "b00003", 777)
        walking = in_background(lambda: walked(units))
        time.sleep(1.5)
        assert recorded(units) == []
    walking.join(30)
    about = [(number, sequence) for who, number, sequence in recorded(units) if who == "b00003"]
    assert about == [(777, 1), (777, 2)]
    assert len(recorded(units)) == MANY + 1


def test_while_a_batch_is_recorded_no_change_slips_in_before_its_number(
    units: UnitsOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, go = threading.Event(), threading.Event()
    real = UnitOfWork.emit

    def emit(uow: UnitOfWork, *events: Event) -> None:
        if any(isinstance(event, BoxSnapshot) for event in events):
            read.set()
            go.wait(10)
        real(uow, *events)

    monkeypatch.setattr(UnitOfWork, "emit", emit)

    def change_it() -> None:
        with units() as uow:
            change(uow, "b00003", 777)

    walking = in_background(lambda: walked(units))
    assert read.wait(10)
    changing = in_background(change_it)
    time.sleep(0.5)
    go.set()
    for thread in (walking, changing):
        thread.join(30)
    about = [(number, sequence) for who, number, sequence in recorded(units) if who == "b00003"]
    assert sorted(about, key=lambda row: row[1]) == [(3, 1), (777, 2)]


def test_a_command_that_wants_what_the_walk_holds_is_never_the_one_that_gives_way(
    units: UnitsOfWork,
) -> None:
    """It holds the last of the batch and waits for the first, before the walk comes to wait for the last.

    PostgreSQL would end who waited first for a second: the command.
    """
    held = threading.Event()

    def hold_the_middle() -> None:
        with units() as uow:
            uow.session.execute(select(boxes).where(boxes.c.who == f"b{BATCH // 2:05}").with_for_update())
            held.set()
            time.sleep(0.45)

    with units() as uow:
        change(uow, f"b{BATCH - 1:05}", 888)
        holding = in_background(hold_the_middle)
        assert held.wait(10)
        walking = in_background(lambda: walked(units))
        time.sleep(0.15)
        change(uow, "b00000", 888)
    for thread in (holding, walking):
        thread.join(30)
    numbers = {who: number for who, number, _ in recorded(units)}
    assert (numbers["b00000"], numbers[f"b{BATCH - 1:05}"]) == (888, 888)


def test_what_stays_locked_ends_the_walk_with_what_came_before_it_recorded(
    units: UnitsOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "TRIES", 2)
    with units() as uow:
        uow.session.execute(select(boxes).where(boxes.c.who == f"b{BATCH + 10:05}").with_for_update())
        with pytest.raises(DBAPIError):
            walked(units)
    assert len(recorded(units)) == BATCH


def test_memory_does_not_grow_with_what_is_walked(units: UnitsOfWork) -> None:
    def peak() -> int:
        tracemalloc.reset_peak()
        walked(units)
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        walked(units)
        few = peak()
        with units() as uow:
            more = "INSERT INTO boxes SELECT 'c' || lpad(n::text, 8, '0'), n FROM generate_series(1, 1000) n"
            uow.session.execute(text(more))
            count = uow.session.execute(select(func.count()).select_from(boxes)).scalar_one()
        many = peak()
    finally:
        tracemalloc.stop()
    assert count == MANY + 1000
    assert many < few * 2
