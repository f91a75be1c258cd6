"""Messages that cannot be handled, of every kind, among many good ones."""

import bz2
import json
import random
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pika
from pika.exceptions import ChannelClosedByBroker

from chassis.db import new_id
from tests.resilience import toys
from tests.resilience.checker import Verdict
from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import Street, street, wait_for

PEOPLE = 50
QUEUE = "south.events"
KILLER = "kills the process"
PADDING = "x" * 3_000_000
GOOD = "SELECT id::text, extract(epoch FROM at)::float FROM deeds WHERE who ~ '^p[0-9]'"
SPOKEN = "SELECT count(*) FROM deeds WHERE who ~ '^p[0-9]'"
DONE = "SELECT event_id::text, extract(epoch FROM at)::float FROM tally WHERE who ~ '^p[0-9]'"
DEED_OF = "SELECT event_id::text, body::json #>> '{data,deed}' FROM outbox WHERE type = 'motcua.toy.did.v1'"
REASONS = "SELECT count(*) FROM parking WHERE error IS NOT NULL"
HEALABLE = "SELECT count(*) FROM parking WHERE body LIKE '%harm%'"
DUE = "UPDATE parking SET next_try_at = now()"
LOGGED = "not an event, dead-lettered"


def envelope(own: UUID, **changes: object) -> dict[str, object]:
    data = {"who": f"poison-{own}", "number": 0, "deed": str(new_id())}
    usual = {"id": str(own), "source": "/services/north", "type": toys.Did.type, "subject": f"poison-{own}"}
    rest = {"time": datetime.now(UTC).isoformat(), "sequence": 1, "specversion": "1.0"}
    return {**usual, **rest, "datacontenttype": "application/json", "data": data, **changes}


def written(**changes: object) -> Callable[[UUID], bytes]:
    return lambda own: json.dumps(envelope(own, **changes)).encode()


RAW: dict[str, Callable[[UUID], bytes]] = {
    "undecodable bytes": lambda own: b"\x00\xff\xfe" + own.bytes,
    "an empty body": lambda _own: b"",
    "not JSON": lambda own: f"<event id='{own}'/>".encode(),
    "JSON of another encoding": lambda own: json.dumps(envelope(own)).encode("utf-16"),
    "compressed without saying so": lambda own: bz2.compress(json.dumps(envelope(own)).encode()),
    "an envelope without its id": written(id=None),
    "a subject with the character NUL": written(subject="a\0b"),
    "an unknown type": written(type="motcua.toy.unheard-of.v1"),
    "data of the wrong shape": written(data={"who": 5}),
}
"""Put into the queue as whoever may write there could; the last two are whole envelopes."""
UNKNOWN = "an unknown type"
HARMS = [harm for harm in toys.HARMS if harm != KILLER]
"""Said by a service of ours, and never handled as long as the reaction is sick."""


@dataclass(frozen=True)
class Stretch:
    """What was given by kind, where it was found, and how long the good ones took, in milliseconds."""

    given: Mapping[str, int]
    parked: int
    dead: int
    logged: int
    took: Mapping[str, float]
    verdict: Verdict

    @property
    def nowhere(self) -> list[str]:
        """Poison that is neither parked with its error nor dead-lettered with a line in the log."""
        missing = sum(self.given.values()) - self.parked - min(self.dead, self.logged)
        return ["poison that is nowhere"] * max(missing, 0)


def poison(
    ground: Ground, seed: int, events: int, share: float, pause: float, kinds: Sequence[str] = ()
) -> Outcome:
    """`events` good ones with a `share` of poison among them, and as many without, at the same rate."""
    usual = a_stretch(ground, seed, events, pause, share, ())
    other = a_stretch(ground, seed, events, pause, share, kinds or [*RAW, *HARMS])
    one, two, given = usual.verdict, other.verdict, sum(other.given.values())
    verdict = Verdict(
        one.n + two.n + given,
        [*one.lost, *two.lost, *other.nowhere],
        [*one.ghost, *two.ghost],
        [*one.twice, *two.twice],
        [*one.disordered, *two.disordered],
    )
    ratios = {f"{name} ratio": round(other.took[name] / usual.took[name], 2) for name in usual.took}
    found = {"poison": given, "kinds": len(other.given), "parked": other.parked, "dead-lettered": other.dead}
    return Outcome(verdict, given, {**found, "usual ms": usual.took, "with poison ms": other.took, **ratios})


def a_stretch(
    ground: Ground, seed: int, events: int, pause: float, share: float, kinds: Sequence[str]
) -> Stretch:
    with street(ground) as there:
        there.start("south", healed=False)
        there.start("north")
        there.wait_until_bound()
        speaker = there.start_speaker(PEOPLE, events, pause)
        given = give_among(there, random.Random(f"{seed} poison"), int(events * share), share, kinds)
        speaker.join(600)
        assert speaker.exitcode == 0, "the speaker failed"
        applied = wait_for(lambda: good_left(there) == 0, 120)
        assert applied, f"{good_left(there)} good events were not applied"
        parked, dead = wait_until_found(there, sum(given.values()))
        took, logged = delays(there), there.log("south").count(LOGGED)
        heal(there)
        return Stretch(given, parked, dead, logged, took, there.verdict())


def heal(there: Street) -> None:
    """Those of other services' events that are parked are handled now; of the rest nothing can be made."""
    there.kill("south")
    there.start("south")
    there.execute("south", DUE)
    wait_for(lambda: not there.one("south", HEALABLE), 60)


def give_among(
    there: Street, dice: random.Random, so_many: int, share: float, kinds: Sequence[str]
) -> dict[str, int]:
    """While a speaker of its own speaks, at about even distances. Without kinds it only looks as often."""
    given: dict[str, int] = {}
    for number in range(so_many):
        wait_until_spoken(there, (number + dice.random()) / share)
        if kinds:
            kind = kinds[number % len(kinds)]
            give(there, kind, number)
            given[kind] = given.get(kind, 0) + 1
    return given


def give(there: Street, kind: str, number: int) -> None:
    if kind in RAW:
        publish(there.broker, [RAW[kind](new_id())])
    else:
        padding = PADDING if "huge" in kind else ""
        with there.speaker() as uow:
            toys.do(uow, f"poison-{number}", number, harm=kind, padding=padding)


def publish(broker: str, bodies: Iterable[bytes]) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(broker))
    channel = connection.channel()
    channel.confirm_delivery()
    for body in bodies:
        channel.basic_publish("", QUEUE, body, mandatory=True)
    connection.close()


def wait_until_spoken(there: Street, so_many: float) -> None:
    wait_for(lambda: spoken(there) >= so_many, 600)


def spoken(there: Street) -> int:
    return int(there.one("north", SPOKEN))


def good_left(there: Street) -> int:
    return spoken(there) - len(there.rows("south", DONE))


def wait_until_found(there: Street, given: int) -> tuple[int, int]:
    """How many are parked with an error, and how many dead-lettered."""
    wait_for(lambda: there.one("south", REASONS) + dead_letters(there) >= given, 30)
    return there.one("south", REASONS), dead_letters(there)


def dead_letters(there: Street) -> int:
    """By taking and giving back them all: counters lag. None as long as the queue was not made."""
    connection = pika.BlockingConnection(pika.URLParameters(there.broker))
    channel = connection.channel()
    found = 0
    with suppress(ChannelClosedByBroker):
        while channel.basic_get(f"{QUEUE}.dead")[0]:
            found += 1
    connection.close()
    return found


def delays(there: Street) -> dict[str, float]:
    """From commit to reaction, of the good ones, in milliseconds. Both clocks are the database server's."""
    done = dict(there.rows("south", DONE))
    deed_of = dict(there.rows("north", DEED_OF))
    began = dict(there.rows("north", GOOD))
    all_of_them = sorted((at - began[deed_of[id]]) * 1000 for id, at in done.items())
    cuts = statistics.quantiles(all_of_them, n=100)
    return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1)}
