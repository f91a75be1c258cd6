"""What any carrier of events must do. The same sentences hold for RabbitMQ and for the embedded bus."""

import threading

from prometheus_client import REGISTRY

from tests.chassis.conftest import House
from tests.chassis.toys import Counted, eventually

PEOPLE = ["an", "ngoc", "duc", "uoc", "khoi"]


def test_every_subscriber_hears_every_event_once_and_in_order_of_its_aggregate(house: House) -> None:
    house.start()
    speakers = [threading.Thread(target=house.north.say, args=[who, *range(40)]) for who in PEOPLE]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join()

    expected = {who: list(range(40)) for who in PEOPLE}
    eventually(lambda: house.south.counted() == expected)
    eventually(lambda: house.east.counted() == expected)
    eventually(lambda: house.north.unsent() == 0)


def test_an_event_sent_again_is_counted_once(house: House) -> None:
    house.start()
    house.north.say("an", 1, 2, 3)
    eventually(lambda: house.south.counted() == {"an": [1, 2, 3]} and house.north.unsent() == 0)

    house.north.forget_that_it_was_sent()
    house.north.say("an", 4)

    eventually(lambda: house.north.unsent() == 0 and house.south.counted() == {"an": [1, 2, 3, 4]})
    eventually(lambda: house.east.counted() == {"an": [1, 2, 3, 4]})


def test_it_is_the_inbox_that_swallows_the_repeat(house: House) -> None:
    house.start()
    house.north.say("an", 1)
    eventually(lambda: house.south.counted() == {"an": [1]} and house.north.unsent() == 0)

    house.south.empty_the_inbox()
    house.north.forget_that_it_was_sent()
    house.north.say("an", 2)

    eventually(lambda: house.south.counted() == {"an": [1, 1, 2]})


def test_poison_waits_with_what_follows_it_and_delays_nobody_else(house: House) -> None:
    house.south.poison = {("an", 2)}
    house.start()
    house.north.say("an", 1, 2, 3)
    house.north.say("ngoc", 1, 2, 3)

    eventually(lambda: house.south.counted() == {"an": [1], "ngoc": [1, 2, 3]})
    eventually(lambda: house.south.parked() == [("an", 2), ("an", 3)])
    eventually(lambda: house.east.counted() == {"an": [1, 2, 3], "ngoc": [1, 2, 3]})

    house.south.poison.clear()
    house.south.make_parked_due()
    eventually(lambda: house.south.counted()["an"] == [1, 2, 3] and not house.south.parked())


def test_an_event_that_needs_what_has_not_come_yet_is_tried_again_soon(house: House) -> None:
    house.south.not_yet = {("an", 1)}
    house.start()
    house.north.say("an", 1, 2)
    eventually(lambda: house.south.parked() == [("an", 1), ("an", 2)])

    house.south.not_yet.clear()
    eventually(lambda: house.south.counted() == {"an": [1, 2]} and not house.south.parked(), within=10)


def test_a_subscriber_that_comes_late_misses_nothing(house: House) -> None:
    house.start(house.north, house.east)
    house.north.say("an", 1, 2, 3)

    house.start(house.south)

    eventually(lambda: house.south.counted() == {"an": [1, 2, 3]})
    eventually(lambda: house.east.counted() == {"an": [1, 2, 3]})


def test_stopped_in_the_middle_and_started_again_it_goes_on_where_it_was(house: House) -> None:
    house.south.pause = 0.005
    house.start()
    speaker = threading.Thread(target=house.north.say, args=["an", *range(150)])
    speaker.start()
    eventually(lambda: len(house.south.counted().get("an", [])) >= 20)
    house.stop()
    speaker.join()
    house.north.say("an", *range(150, 200))

    house.south.pause = 0
    house.start()
    eventually(lambda: house.south.counted() == {"an": list(range(200))})
    eventually(lambda: house.east.counted() == {"an": list(range(200))})


def test_what_a_subscriber_could_not_commit_comes_again_and_nothing_is_parked_for_it(house: House) -> None:
    house.south.worked.away = True
    house.start()
    house.north.say("an", 1, 2, 3)
    eventually(lambda: house.south.worked.refused >= 10)
    house.south.worked.away = False

    eventually(lambda: house.south.counted() == {"an": [1, 2, 3]})
    assert house.south.parked() == []


def test_nothing_is_announced_by_a_transaction_that_did_not_happen(house: House) -> None:
    house.start()
    try:
        with house.north.units() as uow:
            uow.emit(Counted(who="an", number=13))
            raise RuntimeError("changed my mind")
    except RuntimeError:
        pass
    house.north.say("an", 1)
    eventually(lambda: house.south.counted() == {"an": [1]})


def test_a_repeat_is_not_counted_as_a_reaction(house: House) -> None:
    labels = {"service": "south", "handler": "count"}
    before = REGISTRY.get_sample_value("motcua_reactions_total", labels) or 0
    house.start()
    house.north.say("an", 1, 2)
    eventually(lambda: house.south.counted() == {"an": [1, 2]} and house.north.unsent() == 0)
    house.north.forget_that_it_was_sent()
    house.north.say("an", 3)
    eventually(lambda: house.south.counted() == {"an": [1, 2, 3]})
    eventually(lambda: REGISTRY.get_sample_value("motcua_reactions_total", labels) == before + 3)
