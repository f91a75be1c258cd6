"""The moment of a backup: the same in all databases, short, and nobody is refused for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import click
import pytest
from sqlalchemy import text

from chassis import partitions
from chassis.backup import point
from chassis.backup.places import Place
from chassis.backup.point import Point
from chassis.exits import AWAY
from tests.chassis.conftest import House
from tests.chassis.toys import eventually

SECONDS_BETWEEN = 0.3
# Far more than anybody waits for a point on a busy machine, far less than for who never gives way.
SECONDS = 10


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A while passes between one database's snapshot and the next one's."""
    take = point._snapshot

    def late(reader: Any) -> point.Snapshot:
        snapshot = take(reader)
        time.sleep(SECONDS_BETWEEN)
        return snapshot

    monkeypatch.setattr(point, "_snapshot", late)


def places(house: House) -> list[Place]:
    """The speaker first: what it says after its snapshot, the others can have heard before theirs."""
    toys = (house.north, house.south, house.east)
    return [Place(toy.service.name, toy.units.settings.database_url) for toy in toys]


@contextmanager
def speaking(house: House) -> Iterator[list[float]]:
    """Somebody says one thing after the other; yields how long each took."""
    stop, took = threading.Event(), []

    def speak() -> None:
        number = 0
        while not stop.is_set():
            began = time.monotonic()
            house.north.say("a", number)
            took.append(time.monotonic() - began)
            number += 1

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()


def ids(taken: Point, service: str, table: str) -> set[Any]:
    rows = taken.snapshots[service].connection.execute(text(f"SELECT event_id FROM {table}"))  # noqa: S608
    return set(rows.scalars())


def test_what_one_has_heard_the_other_has_said_whenever_the_snapshots_come(
    house: House, slow_machine: None
) -> None:
    house.start()
    with speaking(house) as took:
        eventually(lambda: len(took) > 20)
        eventually(lambda: all(one.counted() for one in (house.south, house.east)))
        with point.taken(places(house)) as taken:
            said = ids(taken, "north", "outbox")
            heard = {name: ids(taken, name, "inbox") for name in ("south", "east")}
        before = len(took)
        eventually(lambda: len(took) > before + 20)
    assert all(heard.values())
    assert {name: some - said for name, some in heard.items()} == {"south": set(), "east": set()}
    assert SECONDS_BETWEEN < max(took) < SECONDS


def test_it_gives_way_to_who_was_first_and_comes_again(
    house_on_broker: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_on_broker
    held, released = threading.Event(), threading.Event()
    gave_way: list[float] = []

    def hold() -> None:
        with house.north.units() as uow:
            uow.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            uow.session.execute(text("LOCK TABLE outbox IN ROW EXCLUSIVE MODE"))
            held.set()
            released.wait(60)

    thread = threading.Thread(target=hold)

    def pause(_: float) -> None:
        gave_way.append(time.monotonic())
        released.set()
        thread.join()

    monkeypatch.setattr(point, "time", SimpleNamespace(monotonic=time.monotonic, sleep=pause))
    thread.start()
    assert held.wait(30)
    began = time.monotonic()
    with point.taken(places(house)) as taken:
        assert taken.tries > 1
        assert taken.held < SECONDS
    assert gave_way[0] - began < SECONDS


def test_it_gives_up_in_words_when_somebody_never_ends(
    house_on_broker: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_on_broker
    monkeypatch.setattr(point, "TRIES", 2)
    with house.north.units() as uow:
        uow.session.execute(text("LOCK TABLE outbox IN ROW EXCLUSIVE MODE"))
        with (
            pytest.raises(click.ClickException, match="Run this again") as given_up,
            point.taken(places(house)),
        ):
            pass
    assert given_up.value.exit_code == AWAY


def test_no_table_goes_before_it_is_saved(house_on_broker: House) -> None:
    house = house_on_broker
    with point.taken(places(house)), house.north.units.engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '200ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            connection.execute(text("DROP TABLE outbox_rest"))


def test_who_wants_a_table_alone_makes_nobody_wait_behind_it(house_on_broker: House) -> None:
    """The months' partitions are made at another time."""
    house = house_on_broker
    with point.taken(places(house)):
        maker = threading.Thread(target=partitions.make_ahead, args=[house.north.units])
        maker.start()
        time.sleep(0.5)
        began = time.monotonic()
        house.north.say("a", 1)
        took = time.monotonic() - began
        assert maker.is_alive(), "it did not wait"
    maker.join()
    assert took < 2, "behind the maker one waits for the rest of its 3 s"
