"""Events from the agency's queue to its handler, on a real broker."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from motcua_agency import Event, FileCursor, Gap, rewind
from motcua_agency.testkit.portal import Told
from tests.sdk.broker import CODE, Broker, Memory, broker
from tests.system.portal import eventually


@pytest.fixture
def portal(virtual_host: str) -> Iterator[Broker]:
    with broker(virtual_host) as made:
        yield made


def ids(events: list[Event] | list[Told]) -> list[str]:
    return [one.id for one in events]


def test_an_event_is_typed_and_keeps_what_nobody_knows(portal: Broker) -> None:
    heard: list[Event] = []
    told = portal.portal.tell("moved-to-the-moon", "T99.1-261122-0001", 3, crater={"name": "Kopernikus"})
    with portal.agency().consuming(heard.append):
        eventually(lambda: heard)
    (event,) = heard
    assert (event.id, event.type, event.subject) == (told.id, told.type, told.subject)
    assert (event.sequence, event.position, event.time.utcoffset() is None) == (3, 1, False)
    assert event.data["crater"] == {"name": "Kopernikus"}
    assert event.extensions["source"] == "/services/dossier"


def test_events_come_one_at_a_time_in_order_and_are_acknowledged(portal: Broker) -> None:
    told = [portal.tell(version) for version in range(1, 60)]
    heard: list[Event] = []
    with portal.agency(Memory()).consuming(heard.append):
        eventually(lambda: len(heard) == len(told))
        eventually(lambda: portal.said("ack") == len(told))
    assert ids(heard) == ids(told)
    assert portal.left() == 0


def test_nothing_is_acknowledged_before_the_handler_returned(portal: Broker) -> None:
    portal.tell()
    inside, go_on = threading.Event(), threading.Event()

    def handle(_event: Event) -> None:
        inside.set()
        go_on.wait(10)

    with portal.agency().consuming(handle):
        assert inside.wait(10)
        time.sleep(0.5)
        assert portal.said("ack") == 0
        go_on.set()
        eventually(lambda: portal.said("ack") == 1)


def test_an_event_whose_handler_raises_comes_again_and_those_behind_it_wait(portal: Broker) -> None:
    told = [portal.tell(version) for version in (1, 2)]
    tried: list[str] = []

    def handle(event: Event) -> None:
        tried.append(event.id)
        if len(tried) < 3:
            raise LookupError("not now")

    with portal.agency(Memory()).consuming(handle):
        eventually(lambda: len(tried) == 4)
        eventually(lambda: portal.said("ack") == 2)
    assert tried == [told[0].id] * 3 + [told[1].id]
    assert portal.said("reject") == portal.said("nack") == 0


def test_a_handler_that_only_raises_can_be_stopped_and_the_event_stays(portal: Broker) -> None:
    portal.tell()
    tried: list[Event] = []

    def handle(event: Event) -> None:
        tried.append(event)
        raise LookupError

    began = time.monotonic()
    with portal.agency(Memory()).consuming(handle):
        eventually(lambda: tried)
    assert time.monotonic() - began < 5
    assert portal.left() == 1


def test_repeats_are_dropped_also_after_a_restart(portal: Broker, tmp_path: Path) -> None:
    told = [portal.tell(version) for version in (1, 2)]
    heard: list[Event] = []
    with portal.agency(FileCursor(tmp_path / "cursor")).consuming(heard.append):
        eventually(lambda: portal.said("ack") == 2)
    for one in told:
        portal.portal.repeat(one)
    new = portal.tell(3)
    with portal.agency(FileCursor(tmp_path / "cursor")).consuming(heard.append):
        eventually(lambda: portal.said("ack") == 5)
    assert ids(heard) == ids([*told, new])


def test_without_a_cursor_every_delivery_is_handed_over(portal: Broker) -> None:
    told = portal.tell()
    portal.portal.repeat(told)
    heard: list[Event] = []
    with portal.agency().consuming(heard.append):
        eventually(lambda: len(heard) == 2)


def test_a_gap_is_reported_once_and_closed_by_a_replay(portal: Broker) -> None:
    first = portal.tell(1)
    lost = portal.portal.lose_a_position()
    last = portal.tell(3)
    gaps: list[Gap] = []
    heard: list[Event] = []
    cursor = Memory()
    with portal.agency(cursor, on_gap=gaps.append).consuming(heard.append):
        eventually(lambda: len(heard) == 2)
        portal.portal._position = lost - 1
        found = portal.tell(2)
        portal.portal._position = last.position
        portal.portal.repeat(first)
        portal.portal.repeat(last)
        new = portal.tell(4)
        eventually(lambda: len(heard) == 4)
    assert gaps == [Gap(lost, lost)]
    assert ids(heard) == ids([first, last, found, new])


def test_a_restored_log_gives_positions_again_and_nothing_new_is_dropped(portal: Broker) -> None:
    before = [portal.tell(version) for version in (1, 2, 3)]
    heard: list[Event] = []
    with portal.agency(Memory()).consuming(heard.append):
        eventually(lambda: len(heard) == 3)
        portal.portal._position = 1
        after = [portal.tell(version) for version in (2, 3, 4)]
        portal.portal.repeat(after[0])
        last = portal.tell(5)
        eventually(lambda: len(heard) == 7)
    assert ids(heard) == ids([*before, *after, last])


def test_after_a_rewind_a_replay_is_handled_again(portal: Broker) -> None:
    told = [portal.tell(version) for version in (1, 2, 3)]
    cursor = Memory()
    heard: list[Event] = []
    again: list[Event] = []
    with portal.agency(cursor).consuming(heard.append):
        eventually(lambda: len(heard) == 3)
    rewind(cursor, to=1)
    for one in told:
        portal.portal.repeat(one)
    with portal.agency(cursor).consuming(again.append):
        eventually(lambda: len(again) == 2)
    assert ids(again) == ids(told[1:])


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\x00", b"[1]", b"null", b"{}", b"[" * 100_000, b'{"id": 1}'],
    ids=lambda body: body[:9],
)
def test_what_is_no_event_goes_to_the_dead_letter_queue_and_delays_nobody(
    portal: Broker, body: bytes
) -> None:
    portal.portal.send(body)
    good = portal.tell()
    heard: list[Event] = []
    with portal.agency(Memory()).consuming(heard.append):
        eventually(lambda: heard)
    assert ids(heard) == [good.id]
    dead = f"{portal.portal.queue}.dead"
    eventually(lambda: portal.portal._channel.basic_get(dead, auto_ack=True)[2] == body)
    assert portal.left() == 0


def test_a_line_cut_before_the_acknowledgement_brings_the_event_again_and_it_is_dropped(
    portal: Broker,
) -> None:
    told = [portal.tell(version) for version in (1, 2, 3)]
    portal.at_the("ack", times=2)
    heard: list[Event] = []
    with portal.agency(Memory()).consuming(heard.append):
        eventually(lambda: portal.said("ack") >= 5)
    assert ids(heard) == ids(told)
    assert portal.left() == 0


def test_a_line_cut_while_the_handler_works_loses_and_reorders_nothing(portal: Broker) -> None:
    told = [portal.tell(version) for version in (1, 2, 3)]
    heard: list[Event] = []

    def handle(event: Event) -> None:
        if not heard:
            portal.proxy.cut()
            eventually(lambda: portal.said("deliver") > 3)
        heard.append(event)

    with portal.agency(Memory()).consuming(handle):
        eventually(lambda: len(heard) >= 3)
        eventually(lambda: portal.said("ack") == 3)
    assert ids(heard) == ids(told)
    assert portal.left() == 0


def test_it_waits_for_a_broker_that_comes_late_and_for_its_queue(portal: Broker) -> None:
    portal.proxy.refuse()
    channel = portal.portal._channel
    channel.queue_delete(portal.portal.queue)
    heard: list[Event] = []
    with portal.agency(Memory()).consuming(heard.append):
        time.sleep(1)
        portal.proxy.accept()
        time.sleep(2)
        channel.queue_declare(portal.portal.queue, durable=True, arguments={"x-queue-type": "quorum"})
        told = portal.tell()
        eventually(lambda: heard)
    assert ids(heard) == [told.id]


@pytest.mark.parametrize("seconds", [0, 3], ids=["made again at once", "made again later"])
def test_a_queue_deleted_under_it_is_looked_for_again(
    portal: Broker, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    monkeypatch.setattr("motcua_agency.link.CHECK_SECONDS", 1.0)
    monkeypatch.setattr("motcua_agency.consuming.SILENCE_SECONDS", 3.0)
    heard: list[Event] = []
    with portal.agency(Memory()).consuming(heard.append):
        portal.tell(1)
        eventually(lambda: len(heard) == 1)
        channel = portal.portal._channel
        channel.queue_delete(portal.portal.queue)
        time.sleep(seconds)
        channel.queue_declare(portal.portal.queue, durable=True, arguments={"x-queue-type": "quorum"})
        portal.tell(2)
        eventually(lambda: len(heard) == 2)


def test_a_quiet_line_is_left_alone(portal: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("motcua_agency.link.CHECK_SECONDS", 0.3)
    heard: list[Event] = []
    with portal.agency(Memory(), heartbeat=2).consuming(heard.append):
        eventually(lambda: portal.said("consume") == 1)
        time.sleep(6)
        portal.tell(1)
        eventually(lambda: len(heard) == 1)
    assert portal.proxy.lines_opened == 1


def test_a_handler_longer_than_several_heartbeats_keeps_its_line(portal: Broker) -> None:
    told = [portal.tell(version) for version in (1, 2)]
    heard: list[Event] = []

    def handle(event: Event) -> None:
        time.sleep(6)
        heard.append(event)

    with portal.agency(Memory(), heartbeat=2).consuming(handle):
        eventually(lambda: portal.said("ack") == 2)
    assert ids(heard) == ids(told)
    assert portal.said("deliver") == 2
    assert portal.proxy.lines_opened == 1


def test_a_cursor_that_cannot_be_saved_keeps_the_event(portal: Broker) -> None:
    class Full(Memory):
        tries = 0

        def save(self, state: str) -> None:
            self.tries += 1
            if self.tries < 2:
                raise OSError("no space left")
            super().save(state)

    portal.tell()
    heard: list[Event] = []
    with portal.agency(Full()).consuming(heard.append):
        eventually(lambda: len(heard) == 2)
        eventually(lambda: portal.said("ack") == 1)


PROGRAM = f"""
import signal, sys
from motcua_agency import Agency
agency = Agency({CODE!r}, sys.argv[1])
signal.signal(signal.SIGTERM, lambda *_: agency.stop())
agency.consume(lambda event: print(event.id, flush=True))
print("stopped", flush=True)
"""


def test_a_signal_handler_may_stop_it(portal: Broker) -> None:
    told = portal.tell()
    command = [sys.executable, "-c", PROGRAM, portal.line]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline().strip() == told.id
        program.send_signal(signal.SIGTERM)
        assert program.stdout.read() == "stopped\n"
        assert program.wait(10) == 0
    assert portal.left() == 0
