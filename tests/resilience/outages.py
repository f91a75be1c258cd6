"""The broker or a subscriber goes away under load, and comes back."""

import time
from collections.abc import Callable

import pika

from chassis.bus import topology
from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground, quoted
from tests.resilience.street import BINDING, Street, street, wait_for

PEOPLE = 20
SAID = "SELECT count(*) FROM deeds"
QUEUE = "south.events"
WATCH_SECONDS = 3
Disturb = Callable[[Street], None]


def broker_restarts(ground: Ground, seed: int, events: int, part: float) -> Outcome:
    """`kill -9` of the broker when this part of the events is said; started again at once."""
    return at_a_part(ground, events, part, lambda _: ground.broker.restart())


def broker_is_wiped(ground: Ground, seed: int, events: int, part: float) -> Outcome:
    """Killed, its data directory deleted, started again with its accounts and virtual host only."""
    return at_a_part(ground, events, part, wipe)


def binding_deleted(ground: Ground, seed: int, events: int, part: float) -> Outcome:
    """Behind our back, while another queue still takes every event: none is returned as unroutable."""
    return at_a_part(ground, events, part, unbind, "north", "south", "east")


def queue_deleted(ground: Ground, seed: int, events: int, part: float) -> Outcome:
    """With what is in it, while another queue still takes every event."""
    return at_a_part(ground, events, part, lambda there: there.delete_queue(QUEUE), "north", "south", "east")


def subscriber_down(ground: Ground, seed: int, seconds: float, rate: float) -> Outcome:
    """Killed, and away for `seconds` while there are `rate` events a second."""
    with street(ground) as there:
        there.start_all()
        speaker = there.start_speaker(PEOPLE, int((seconds + 3) * rate), 1 / rate)
        assert wait_for(lambda: said(there) > rate, 60)
        there.kill("south")
        before = said(there)
        time.sleep(seconds)
        missed, started = said(there) - before, time.monotonic()
        there.start("south")
        assert wait_for(lambda: handled(there) >= before + missed, 300), there.verdict()
        caught_up = round(time.monotonic() - started, 1)
        speaker.join(600)
        return Outcome(there.settled(), 1, {"missed": missed, "caught up after s": caught_up})


def at_a_part(ground: Ground, events: int, part: float, disturb: Disturb, *toys: str) -> Outcome:
    with street(ground, *toys) as there:
        there.start_all(watch_seconds=WATCH_SECONDS)
        there.wait_until_bound()
        speaker = there.start_speaker(PEOPLE, events)
        assert wait_for(lambda: said(there) >= events * part, 600)
        disturb(there)
        speaker.join(900)
        assert speaker.exitcode == 0, "who speaks must not fail because the broker is away"
        return Outcome(there.settled(within=300), 1)


def wipe(there: Street) -> None:
    there.ground.broker.wipe()
    there.ground.manage("PUT", f"vhosts/{quoted(there.broker)}")


def unbind(there: Street) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(there.broker))
    connection.channel().queue_unbind(QUEUE, topology.EVENTS.name, BINDING)
    connection.close()


def said(there: Street) -> int:
    return int(there.one("north", SAID))


def handled(there: Street) -> int:
    return int(there.one("south", "SELECT count(*) FROM tally"))
