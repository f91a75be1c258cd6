"""From a commit to the reaction's commit: `python -m tests.bench.latency --events 1000`.

Three processes, as in production: who speaks, 50 times a second; its worker with the relay; the subscriber's
worker with the consumer. Beside it, in turn, each 10 ms later: a bare persistent publish until its receipt.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection as Pipe

import amqp
from kombu import Connection, Queue
from sqlalchemy import Engine

from chassis.service import Service
from chassis.unit_of_work import UnitOfWork
from chassis.wake import Waker
from contracts.dossier import DossierSubmitted
from tests.bench import report
from tests.bench.bed import (
    SPEAKER,
    Bed,
    broker,
    make_database,
    open_database,
    started,
    submitted,
    units_of,
)
from tests.bench.figures import Line, milliseconds, percentile
from tests.bench.processes import process, relay_of, url_of, work

EVENTS, PER_SECOND, WANTED = 1_000, 50, 0.050
WARM_UP, SETTLE_SECONDS = 50, 2
KEY = 36
"""Bytes at the start of a bare body that tell which it is."""
BARE = Queue("bench.bare", durable=True, queue_arguments={"x-queue-type": "quorum"})
Stamps = dict[str, float]
"""Seconds of the monotonic clock, which all processes of a machine share."""


def subscriber(bed: Bed, url: str, pipe: Pipe) -> None:
    """Tells the moment at which each event's reaction was committed. Other threads commit, too."""
    pending: dict[int, list[str]] = defaultdict(list)
    stamps: Stamps = {}

    def react(uow: UnitOfWork, event: DossierSubmitted) -> None:
        pending[threading.get_ident()].append(event.code)
        uow.wake_relay()  # `committed` is told only of what has something for a relay

    def committed() -> None:
        stamps.update(dict.fromkeys(pending.pop(threading.get_ident(), ()), time.monotonic()))

    service = Service("bench", SPEAKER.metadata, reactions={DossierSubmitted: [react]})
    work(service, bed, url, pipe, committed)
    pipe.send(stamps)


def receiver(bed: Bed, pipe: Pipe) -> None:
    """The bare one: the moment at which each message was received."""
    stamps: Stamps = {}

    def on_message(message: amqp.Message) -> None:
        stamps[bytes(message.body)[:KEY].decode()] = time.monotonic()
        channel.basic_ack(message.delivery_info["delivery_tag"])

    pipe.send("ready")
    pipe.recv()
    with Connection(bed.amqp_url) as connection:
        channel = connection.channel()
        channel.auto_decode = False
        channel.basic_consume(BARE.name, callback=on_message)
        pipe.send("gone")
        while not pipe.poll():
            with suppress(TimeoutError):
                connection.drain_events(timeout=0.5)
    pipe.send(stamps)


def speak(bed: Bed, engine: Engine, number: int) -> tuple[Stamps, Stamps]:
    """When each event was committed, and when each bare message was handed to the broker."""
    spoken: Stamps = {}
    bare: Stamps = {}
    units = units_of(engine, Waker(url_of(engine)))
    with broker(bed) as connection:
        channel = connection.channel()
        start = time.monotonic()
        for n in range(number):
            _sleep_until(start + n / PER_SECOND)
            with units() as uow:
                uow.emit(event := submitted(n))
            spoken[event.code] = time.monotonic()
            _sleep_until(start + (n + 0.5) / PER_SECOND)
            key = f"{n:0{KEY}d}"
            bare[key] = time.monotonic()
            channel.basic_publish(amqp.Message(key.encode() + bytes(800), delivery_mode=2), "", BARE.name)
    return spoken, bare


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def delays(began: Stamps, ended: Stamps) -> Sequence[float]:
    missing = began.keys() - ended.keys()
    assert not missing, f"{len(missing)} of {len(began)} never came"
    return [ended[key] - at for key, at in began.items()][WARM_UP:]


def measure(bed: Bed, events: int = EVENTS) -> list[Line]:
    source, target = (open_database(make_database(bed)) for _ in range(2))
    with broker(bed) as connection:
        BARE(connection.default_channel).declare()
    with (
        process(subscriber, bed, url_of(target)) as hearing,
        relay_of(bed, source) as sending,
        process(receiver, bed) as receiving,
    ):
        for worker in (hearing, sending, receiving):
            worker.go()
        spoken, published = speak(bed, source, events + WARM_UP)
        time.sleep(SETTLE_SECONDS)
        ours, bare = delays(spoken, hearing.stop()), delays(published, receiving.stop())
    for engine in (source, target):
        engine.dispose()
    p99 = percentile(ours, 99)
    return [
        Line(
            f"commit to committed reaction at {PER_SECOND}/s, beside bare publish to receipt",
            milliseconds(ours),
            milliseconds(bare),
            f"{p99 / percentile(bare, 99):.1f} of p99",
            f"p99 ≤ {WANTED * 1000:.0f} ms",
            p99 <= WANTED,
        )
    ]


if __name__ == "__main__":
    with started() as bed:
        report.show(measure(bed, **report.options(events=EVENTS)))
