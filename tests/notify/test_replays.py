"""The past again through the queue: history, then live; nothing missing, repeats only."""

import random
import threading
import time

import pytest
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from services.notify.adapters import Ports
from services.notify.commands import agency_log as log
from services.notify.model.agency import Entry
from tests.notify.builders import registered
from tests.notify.fake_bus import FakeBus
from tests.notify.test_agency_log import connect, serve
from tests.notify.test_pulling import pulled, submit


def replay(sut: ServiceUnderTest, after: str | None = None, agency: str = "H01") -> TestResponse:
    body = {"door": "amqp", "after": after}
    with sut.app.test_client() as caller:
        return caller.post("/api/v1/agency/replays", json=body, headers=sut.as_agency(agency))


def positions(bus: FakeBus) -> list[int]:
    return [entry.position for entry in bus.sent]


def test_a_replay_brings_what_is_after_the_cursor_and_then_what_is_new(
    notify: ServiceUnderTest, bus: FakeBus
) -> None:
    submit(notify, 4)
    connect(notify, "H01")
    serve(notify)
    _, cursor = pulled(notify, limit=2)
    answer = replay(notify, cursor)
    assert (answer.status_code, answer.json) == (
        202,
        {"door": "amqp", "from_position": 3, "until_position": 4},
    )
    submit(notify, 1, first=5)
    serve(notify)
    assert positions(bus) == [1, 2, 3, 4, 3, 4, 5]


def test_a_replay_waits_for_who_publishes_now_and_is_not_forgotten(
    notify: ServiceUnderTest, bus: FakeBus
) -> None:
    submit(notify, 3)
    connect(notify, "H01")
    with notify.units() as uow:
        stretch = log.claim(uow)
    assert stretch
    assert replay(notify).status_code == 202
    serve(notify)
    assert positions(bus) == [], "two publishers would mingle"
    bus.publish(list(stretch.entries))
    with notify.units() as uow:
        log.mark_published(uow, stretch)
    serve(notify)
    assert positions(bus) == [1, 2, 3, 1, 2, 3]


def test_a_replay_outlives_a_publisher_that_died(notify: ServiceUnderTest, bus: FakeBus) -> None:
    submit(notify, 2)
    connect(notify, "H01")
    serve(notify)
    submit(notify, 1, first=3)
    with notify.units() as uow:
        assert log.claim(uow)
    assert replay(notify).json == {"door": "amqp", "from_position": 1, "until_position": 3}
    notify.clock.move(log.LEASE)
    serve(notify)
    assert positions(bus) == [1, 2, 1, 2, 3]


def test_one_agencys_replay_is_nobody_elses(notify: ServiceUnderTest, bus: FakeBus) -> None:
    submit(notify, 1)
    submit(notify, 1, agency="H55.242")
    connect(notify, "H01", "H55.242")
    serve(notify)
    bus.sent.clear()
    assert replay(notify, agency="H55.242").status_code == 202
    serve(notify)
    assert [entry.key for entry in bus.sent] == ["H55_242.dossier.submitted"]


class SlowBus(FakeBus):
    """Takes entries one by one, so that two publishers at once would show."""

    def publish(self, entries: list[Entry]) -> None:
        for entry in entries:
            self.sent.append(entry)
            time.sleep(random.random() / 2000)


def test_replays_during_live_writes_leave_no_gap_and_never_mingle(
    notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """300 events by two writers, two publishers, five replays in between. Each stream rises one by one; it
    only ever goes back, to where a replay begins."""
    bus = SlowBus()
    monkeypatch.setattr(notify.units, "ports", Ports(agencies=bus))  # type: ignore[arg-type]
    notify.hear(registered(notify))
    submit(notify, 20)
    connect(notify, "H01")
    done = threading.Event()

    def write(first: int) -> None:
        for n in range(70):
            submit(notify, 2, first=first + 2 * n)

    def publish() -> None:
        while not done.is_set():
            if not notify.tick("serve-agencies"):
                time.sleep(0.002)

    writers = [threading.Thread(target=write, args=(first,)) for first in (1000, 2000)]
    publishers = [threading.Thread(target=publish) for _ in range(2)]
    for thread in (*writers, *publishers):
        thread.start()
    promised = []
    for _ in range(5):
        time.sleep(0.1)
        _, cursor = pulled(notify, limit=random.randint(1, 15))
        promised.append(replay(notify, cursor).json or {})
    for thread in writers:
        thread.join()
    end = time.monotonic() + 30
    while time.monotonic() < end and (not bus.sent or bus.sent[-1].position < 300):
        time.sleep(0.05)
    time.sleep(0.2)
    done.set()
    for thread in publishers:
        thread.join()
    seen = positions(bus)
    assert set(seen) == set(range(1, 301))
    steps = [(before, after) for before, after in zip([0, *seen], seen, strict=False) if after != before + 1]
    assert all(after <= before for before, after in steps), "it only goes back"
    begun = {after for _, after in steps}
    assert begun, "at least one replay was seen"
    assert begun <= {each["from_position"] for each in promised}
    last = max(index for index, position in enumerate(seen) if position == min(begun))
    assert seen[last:] == list(range(min(begun), 301)) or len(begun) > 1
