"""Outbox and inbox by month, on a real PostgreSQL: what is forgotten, and what never is."""

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, insert, select, update

from chassis import envelope, partitions, retention, tables
from chassis.consumer import Consumer
from chassis.db import open_engine
from chassis.handling import Delivered, Handler
from chassis.partitions import Month
from chassis.retention import Pruned
from chassis.tables import inbox, outbox, subscriptions
from chassis.testing import Clock, fresh_database, test_settings
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from tests.chassis.toys import Counted, metadata, tally

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
RETENTION = timedelta(days=90)
MONTHS = [datetime(2026, month, 10, tzinfo=UTC) for month in range(5, 12)]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def units(postgres_url: str, clock: Clock) -> Iterator[UnitsOfWork]:
    url = fresh_database(postgres_url, f"retention_{uuid4().hex[:8]}")
    engine = open_engine(url, "test", 30)
    tables.metadata.create_all(engine)
    metadata.create_all(engine)
    yield UnitsOfWork(engine, test_settings("notify", url), clock=clock)
    engine.dispose()


def id_at(at: datetime) -> UUID:
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | random.getrandbits(60))


def write(units: UnitsOfWork, at: datetime, position: int | None, type: str = Counted.type) -> UUID:
    """An event of that time in the outbox, sent when it has a position; and its inbox row."""
    id = id_at(at)
    row = {"event_id": id, "subject": "an", "sequence": 1, "type": type, "body": "{}", "recorded_at": at}
    with units() as uow:
        uow.session.execute(
            insert(outbox).values(row | {"log_position": position, "sent_at": at if position else None})
        )
        uow.session.execute(insert(inbox).values(event_id=id, handler="count", handled_at=at))
    return id


def written(units: UnitsOfWork, made: bool = True) -> list[UUID]:
    """One event a month from May to November, in partitions of their own or not."""
    clock = units.clock
    assert isinstance(clock, Clock)
    for month in (MONTHS[0], MONTHS[3], MONTHS[6]) if made else ():
        clock.now = month
        partitions.make_ahead(units)
    clock.now = NOW
    return [write(units, at, position) for position, at in enumerate(MONTHS, start=1)]


def left(units: UnitsOfWork, table: str = "outbox") -> set[UUID]:
    with units() as uow:
        return set(uow.session.execute(select(tables.metadata.tables[table].c.event_id)).scalars())


def made(engine: Engine, table: str = "outbox") -> list[str]:
    with engine.connect() as connection:
        return [str(month) for month in partitions.made(connection, table)]


def prune(units: UnitsOfWork, dry_run: bool = False) -> list[Pruned]:
    return list(retention.prune(units.engine, units.clock(), RETENTION, dry_run))


def hears(units: UnitsOfWork, handled: int, type: str = Counted.type) -> None:
    with units() as uow:
        row = {"queue": "south.events", "type": type, "handled": handled}
        uow.session.execute(insert(subscriptions).values(row))


def test_this_month_and_the_next_two_have_partitions_and_making_them_again_changes_nothing(
    units: UnitsOfWork,
) -> None:
    for _ in range(2):
        partitions.make_ahead(units)
        assert made(units.engine) == made(units.engine, "inbox") == ["2026-11", "2026-12", "2027-01"]


def test_what_fell_into_the_rest_moves_to_its_month_and_nothing_else_does(units: UnitsOfWork) -> None:
    first, last = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    millisecond = timedelta(milliseconds=1)
    inside = {write(units, at, 1) for at in (first, NOW, last - millisecond)}
    outside = {write(units, at, 1) for at in (first - millisecond,)}
    partitions.make_ahead(units)
    with units.engine.connect() as connection:
        moved = connection.exec_driver_sql("SELECT event_id FROM ONLY outbox_2026_11").scalars().all()
        rest = connection.exec_driver_sql("SELECT event_id FROM ONLY outbox_rest").scalars().all()
    assert (set(moved), set(rest)) == (inside, outside)


def test_partitions_are_made_while_events_are_written_and_none_is_lost(units: UnitsOfWork) -> None:
    ids: list[UUID] = []
    stop = threading.Event()

    def keep_writing() -> None:
        while not stop.is_set():
            ids.append(write(units, NOW, 1))

    writers = [threading.Thread(target=keep_writing) for _ in range(4)]
    for writer in writers:
        writer.start()
    makers = [threading.Thread(target=partitions.make_ahead, args=[units]) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    stop.set()
    for writer in writers:
        writer.join()
    assert made(units.engine) == ["2026-11", "2026-12", "2027-01"]
    assert len(ids) > 10
    assert left(units) == left(units, "inbox") == set(ids)


def test_whole_months_past_their_time_are_dropped_and_the_inbox_keeps_one_longer(units: UnitsOfWork) -> None:
    ids = written(units)
    hears(units, handled=7)
    steps = prune(units)
    assert [(each.table, each.what, each.rows, each.kept) for each in steps] == [
        ("outbox", "2026-05", 1, None),
        ("outbox", "2026-06", 1, None),
        ("outbox", "2026-07", 1, None),
        ("inbox", "2026-05", 1, None),
        ("inbox", "2026-06", 1, None),
    ]
    assert left(units) == set(ids[3:])
    assert left(units, "inbox") == set(ids[2:])
    assert prune(units) == []


def test_a_dry_run_says_the_same_and_drops_nothing(units: UnitsOfWork) -> None:
    ids = written(units)
    hears(units, handled=1)
    said = prune(units, dry_run=True)
    assert left(units) == left(units, "inbox") == set(ids)
    assert prune(units) == said


def test_a_month_with_something_unsent_is_kept_and_says_so(units: UnitsOfWork) -> None:
    ids = written(units)
    with units() as uow:
        uow.session.execute(update(outbox).where(outbox.c.event_id == ids[1]).values(sent_at=None))
    june = next(each for each in prune(units) if (each.table, each.what) == ("outbox", "2026-06"))
    assert june.kept == "1 not yet sent: is the worker running, and the broker there?"
    assert left(units) == {ids[1], *ids[3:]}


def test_a_month_that_a_subscriber_has_not_handled_is_kept_and_names_it(units: UnitsOfWork) -> None:
    ids = written(units)
    hears(units, handled=1)
    hears(units, handled=0, type="motcua.toy.other.v1")
    kept = [each.kept for each in prune(units) if each.table == "outbox"]
    assert kept[0] is None
    assert kept[1] == f"south.events has handled {Counted.type} only up to position 1"
    assert left(units) == set(ids[1:])


def test_what_has_no_month_of_its_own_goes_by_age_in_batches_and_the_unsent_and_unhandled_stay(
    units: UnitsOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    ids = written(units, made=False)
    old = [write(units, MONTHS[0], position) for position in (1, 2, 3, 4, 5)]
    unsent = write(units, MONTHS[0], None)
    hears(units, handled=5)
    unhandled = write(units, MONTHS[0], 6)
    steps = {each.table: each for each in prune(units)}
    assert left(units) == {*ids[4:], unsent, unhandled}
    assert steps["outbox"].rows == 9
    assert "not yet sent" in str(steps["outbox"].kept)
    assert left(units, "inbox") == set(ids[3:])
    assert not set(old) & left(units, "inbox")


def test_a_repeat_within_the_inboxs_time_is_still_swallowed_after_pruning(
    units: UnitsOfWork, clock: Clock
) -> None:
    at = datetime(2026, 8, 20, tzinfo=UTC)
    clock.now = at
    partitions.make_ahead(units)

    def count(uow: UnitOfWork, event: Counted) -> None:
        uow.session.execute(insert(tally).values(who=event.who, number=event.number))

    consumer = Consumer("toy", [Handler("count", Counted, count)], units)
    body = envelope.seal_up(Counted(who="an", number=1), id_at(at), at, 1, None)
    repeat = [Delivered(envelope.open_up(body), body.decode())]
    consumer.handle(repeat)
    clock.now = at + RETENTION + timedelta(days=30)
    prune(units)
    consumer.handle(repeat)
    with units() as uow:
        assert uow.session.execute(select(tally.c.number)).scalars().all() == [1]


def test_a_table_in_use_is_left_for_the_next_time_and_nobody_waits_for_long(
    units: UnitsOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = written(units)
    with units() as reader:
        reader.session.execute(select(outbox)).all()
        kept = [each.kept for each in prune(units) if each.table == "outbox"]
    assert all(str(why).startswith("in use just now") for why in kept)
    assert left(units) == set(ids)


@pytest.mark.parametrize(
    ("at", "following"), [(Month(2026, 11), Month(2026, 12)), (Month(2026, 12), Month(2027, 1))]
)
def test_the_month_after(at: Month, following: Month) -> None:
    assert at.next == following
