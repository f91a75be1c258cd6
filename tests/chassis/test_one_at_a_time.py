"""What must never be two: active relays, active consumers of a queue, orders of one aggregate's events."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from kombu import Connection

from chassis import outbox, worker
from chassis.bus import Interest, Outgoing
from chassis.db import new_id
from chassis.relay import Relay
from tests.chassis.conftest import House
from tests.chassis.toys import Counted, eventually


class Counting:
    """A bus without a broker: who asks for its publisher is a relay that has become active."""

    def __init__(self) -> None:
        self.topics: dict[str, Interest] = {}
        self.active = 0

    def publisher(self) -> "Counting":
        self.active += 1
        return self

    def publish(self, window: Sequence[Outgoing], _meanwhile: Callable[[], None]) -> None:
        """Nobody hears it."""

    def keep_alive(self) -> None:
        """There is no link."""

    def close(self) -> None:
        self.active -= 1

    def consume(self, *_: object) -> None:
        raise NotImplementedError

    report = start_over = fill = is_there = bind = withhold = consume


def test_of_two_relays_one_is_active_and_the_other_takes_over_when_it_ends(house_on_broker: House) -> None:
    bus, stops = Counting(), [threading.Event(), threading.Event()]
    threads = []
    for stop in stops:
        relay = Relay("north", [], [], house_on_broker.north.units.engine, bus)  # type: ignore[arg-type]
        threads.append(threading.Thread(target=relay.run, args=[stop, lambda: None]))
        threads[-1].start()
        eventually(lambda: bus.active >= 1)
    try:
        assert not threading.Event().wait(2.5)
        assert bus.active == 1
        stops[0].set()
        threads[0].join()
        eventually(lambda: bus.active == 1)
    finally:
        stops[1].set()
        threads[1].join()


def test_two_workers_of_one_service_keep_the_order_of_an_aggregate(house_on_broker: House) -> None:
    house, stop = house_on_broker, threading.Event()
    house.south.pause = 0.003
    house.start()
    second = worker.start(house.south.service, house.south.worked, house.make_bus(), stop)
    try:
        house.north.say("an", *range(300))
        eventually(lambda: len(house.south.counted().get("an", [])) == 300)
        assert house.south.counted()["an"] == list(range(300))
    finally:
        stop.set()
        for thread in second:
            thread.join()


def test_the_order_is_of_recording_whatever_the_clocks_of_those_who_made_the_ids(
    house_on_broker: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [new_id() for _ in range(5)]
    monkeypatch.setattr(outbox, "new_id", ids.pop)
    house_on_broker.north.say("an", *range(5))
    house_on_broker.start()
    eventually(lambda: len(house_on_broker.south.counted().get("an", [])) == 5)
    assert house_on_broker.south.counted()["an"] == list(range(5))


def test_what_is_committed_is_acked(house_on_broker: House) -> None:
    house_on_broker.start()
    house_on_broker.north.say("an", 1, 2, 3)
    eventually(lambda: house_on_broker.south.counted() == {"an": [1, 2, 3]})
    house_on_broker.stop()
    assert house_on_broker.broker
    left: list[Any] = []
    with Connection(house_on_broker.broker) as operator, suppress(TimeoutError):
        operator.default_channel.basic_consume("south.events", callback=left.append)
        while True:
            operator.drain_events(timeout=1)
    assert [message for message in left if message.properties["type"] == Counted.type] == []
