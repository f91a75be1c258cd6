"""What a queue lacks, whatever was done to it, it gets from the log: history, then live, each once."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import urllib3
from kombu import Connection
from sqlalchemy import delete, update

from chassis import epoch, worker
from chassis.bus import topology, watch
from chassis.bus.topology import bucket
from chassis.db import new_id
from chassis.subscriptions import first_id_of
from chassis.tables import epochs, inbox
from tests.chassis.conftest import House
from tests.chassis.test_bus_conformance import PEOPLE
from tests.chassis.toys import Toy, eventually, tally

KEY = "toy.counted.*"


@pytest.fixture(autouse=True)
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "EVERY_SECONDS", 1.0)
    monkeypatch.setattr(watch, "FIRST_AFTER_SECONDS", 0.2)


@pytest.fixture
def house(house_on_broker: House) -> House:
    return house_on_broker


@pytest.fixture
def busy(house: House) -> Iterator[list[threading.Thread]]:
    """Five people say thirty things each, slowly, while the test does what it does."""
    speakers = [threading.Thread(target=slowly, args=[house.north, who]) for who in PEOPLE]
    yield speakers
    for speaker in speakers:
        speaker.join()


def slowly(north: Toy, who: str) -> None:
    for number in range(30):
        north.say(who, number)
        threading.Event().wait(0.1)


def everything(house: House) -> bool:
    expected = {who: list(range(30)) for who in PEOPLE}
    return house.south.counted() == expected and house.east.counted() == expected


def broker(house: House) -> Connection:
    assert house.broker
    return Connection(house.broker)


def unbind(house: House, *queues: str) -> None:
    with broker(house) as connection:
        for queue in queues:
            connection.default_channel.queue_unbind(queue, topology.EVENTS.name, KEY)


def under_way(house: House, speakers: list[threading.Thread]) -> None:
    for speaker in speakers:
        speaker.start()
    eventually(lambda: len(house.south.counted().get("an", [])) >= 5)
    eventually(lambda: len(house.east.counted().get("an", [])) >= 5)


def test_a_binding_that_was_deleted_behind_our_back_is_found_and_what_it_missed_comes(
    house: House, busy: list[threading.Thread]
) -> None:
    house.start()
    under_way(house, busy)
    unbind(house, "south.events")
    eventually(lambda: everything(house))


def test_when_nobody_is_bound_any_more_nothing_counts_as_sent_until_it_is_mended(
    house: House, busy: list[threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "EVERY_SECONDS", 3600.0)
    house.start()
    under_way(house, busy)
    unbind(house, "south.events", "east.events")
    eventually(lambda: everything(house))


def test_a_queue_that_was_deleted_is_made_again_and_filled(
    house: House, busy: list[threading.Thread]
) -> None:
    house.south.pause = 0.01
    house.start()
    under_way(house, busy)
    with broker(house) as connection:
        connection.default_channel.queue_delete("south.events")
    eventually(lambda: everything(house))


def test_a_broker_whose_data_are_gone_gets_everything_again_and_nothing_is_counted_twice(
    house: House, busy: list[threading.Thread], rabbitmq_management_url: str
) -> None:
    house.south.pause = 0.01
    house.start()
    under_way(house, busy)
    wipe(house, rabbitmq_management_url)
    eventually(lambda: everything(house))


def wipe(house: House, management_url: str) -> None:
    """The virtual host with all its exchanges, queues and messages, made anew and empty."""
    assert house.broker
    url = urllib3.util.parse_url(management_url)
    at = f"{management_url.rstrip('/')}/api/vhosts/{house.broker.rpartition('/')[2]}"
    headers = urllib3.make_headers(basic_auth=url.auth or "guest:guest")
    for method in ("DELETE", "PUT"):
        assert urllib3.request(method, at, headers=headers).status in {201, 204}


def test_a_broker_whose_data_are_gone_while_a_subscriber_is_down_keeps_nothing_from_it(
    house: House, busy: list[threading.Thread], rabbitmq_management_url: str
) -> None:
    house.start()
    under_way(house, busy)
    house.south.stop()
    wipe(house, rabbitmq_management_url)
    expected = {who: list(range(30)) for who in PEOPLE}
    eventually(lambda: house.east.counted() == expected)
    house.start(house.south)
    eventually(lambda: everything(house))


def test_a_subscriber_that_is_new_gets_the_past_while_more_is_written_without_gap_or_overlap(
    house: House, busy: list[threading.Thread]
) -> None:
    house.start(house.north, house.east)
    house.north.say("past", *range(700))
    for speaker in busy:
        speaker.start()
    house.start(house.south)
    expected = {who: list(range(30)) for who in PEOPLE} | {"past": list(range(700))}
    eventually(lambda: house.south.counted() == expected)
    assert house.south.parked() == []


def test_a_subscriber_whose_database_was_restored_hears_again_what_it_has_lost(house: House) -> None:
    house.start()
    house.north.say("an", 0, 1, 2)
    eventually(lambda: house.south.counted() == {"an": [0, 1, 2]})
    house.south.stop()
    restore_to_nothing(house.south)
    house.start(house.south)
    house.north.say("an", 3)
    eventually(lambda: house.south.counted() == {"an": [0, 1, 2, 3]})
    eventually(lambda: house.east.counted() == {"an": [0, 1, 2, 3]})


def restore_to_nothing(subscriber: Toy) -> None:
    """As a restore leaves it: an earlier state, under a server that is another than before."""
    with subscriber.units() as uow:
        uow.session.execute(delete(tally))
        uow.session.execute(delete(inbox))
        uow.session.execute(update(epochs).values(fingerprint="another server"))


def test_events_are_divided_by_their_subject_and_each_shard_keeps_its_order(
    house: House, busy: list[threading.Thread]
) -> None:
    house.shards = 3
    house.start()
    for speaker in busy:
        speaker.start()
    eventually(lambda: everything(house))
    assert len({bucket(who) % 3 for who in PEOPLE}) > 1


def test_the_number_of_shards_can_be_changed_while_events_wait(
    house: House, busy: list[threading.Thread]
) -> None:
    house.south.pause = 0.01
    house.start()
    under_way(house, busy)
    house.stop()
    house.shards = 2
    house.start()
    eventually(lambda: everything(house))


def test_a_service_with_shards_has_a_queue_for_each(house: House) -> None:
    topics = worker.topics([house.south.service], 3)
    assert list(topics) == ["south.events.0", "south.events.1", "south.events.2"]


def test_an_epoch_is_the_same_as_long_as_the_database_is(house: House) -> None:
    first, second = epoch_of(house.south), epoch_of(house.south)
    assert first == second
    restore_to_nothing(house.south)
    assert epoch_of(house.south) != first


def epoch_of(toy: Toy) -> str:
    with toy.units() as uow:
        return epoch.current(uow.session)


def test_the_first_id_of_a_moment_is_before_all_that_were_made_since() -> None:
    before = first_id_of(datetime.now(UTC))
    assert before < new_id()
