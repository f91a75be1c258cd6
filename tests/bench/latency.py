"""From a commit to the reaction's commit: `python -m tests.bench.latency --events 1000`.

Three processes, as in production: who speaks, 50 times a second; its worker with the relay; the subscriber's
worker with the consumer. Beside it, in turn, each 10 ms later: a bare persistent publish until its receipt.
"""

import multiprocessing
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from typing import Any

import amqp
from kombu import Connection, Queue

from chassis import worker
from chassis.service import Service
from chassis.unit_of_work import UnitOfWork
from chassis.wake import Waker
from contracts.dossier import DossierSubmitted
from tests.bench import report
from tests.bench.figures import Line, milliseconds, percentile
from tests.bench.testbed import (
    SPEAKER,
    Testbed,
    broker,
    bus_of,
    make_database,
    open_database,
    submitted,
    testbed,
    units_of,
)

EVENTS, PER_SECOND, WANTED = 1_000, 50, 0.050
WARM_UP = 50
BARE = Queue("bench.bare", durable=True, queue_arguments={"x-queue-type": "quorum"})
Stamps = dict[str, float]
"""Seconds of the monotonic clock, which all processes of a machine share."""


def relay_process(bed: Testbed, url: str, ready: Pipe) -> None:
    _work(SPEAKER, bed, url, ready)


def subscriber_process(bed: Testbed, url: str, ready: Pipe) -> None:
    """Sends the moment each event's reaction was committed, once it is told to stop."""
    pending: list[str] = []
    stamps: Stamps = {}

    def react(_uow: UnitOfWork, event: DossierSubmitted) -> None:
        pending.append(event.code)

    def committed() -> None:
        now = time.monotonic()
        stamps.update(dict.fromkeys(pending, now))
        pending.clear()

    service = Service("bench", SPEAKER.metadata, reactions={DossierSubmitted: [react]})
    _work(service, bed, url, ready, committed)
    ready.send(stamps)


def bare_process(bed: Testbed, _url: str, ready: Pipe) -> None:
    stamps: Stamps = {}

    def on_message(message: amqp.Message) -> None:
        stamps[bytes(message.body)[:36].decode()] = time.monotonic()
        channel.basic_ack(message.delivery_info["delivery_tag"])

    with Connection(bed.amqp_url) as connection:
        channel = connection.channel()
        channel.auto_decode = False
        channel.basic_consume(BARE.name, callback=on_message)
        ready.send(True)
        while not ready.poll():
            try:
                connection.drain_events(timeout=0.5)
            except TimeoutError:
                continue
    ready.send(stamps)


def _work(service: Service, bed: Testbed, url: str, ready: Pipe, after_commit: Any = lambda: None) -> None:
    stop = threading.Event()
    engine = open_database(url)
    threads = worker.start(service, units_of(engine, after_commit), bus_of(bed), stop)
    ready.send(True)
    ready.recv()
    stop.set()
    for thread in threads:
        thread.join()


@contextmanager
def process(target: Any, *arguments: object) -> Iterator[Pipe]:
    """Our end of its pipe, once it is ready. A word from us stops it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=target, args=(*arguments, theirs), daemon=True)
    child.start()
    try:
        assert ours.poll(60), "the process did not start"
        ours.recv()
        yield ours
    finally:
        child.terminate()
        child.join()


def _stop(pipe: Pipe) -> Stamps:
    pipe.send("stop")
    assert pipe.poll(60), "no stamps came"
    stamps: Stamps = pipe.recv()
    return stamps


def speak(bed: Testbed, url: str, number: int) -> tuple[Stamps, Stamps]:
    """When each event was committed, and when each bare message was handed to the broker."""
    spoken: Stamps = {}
    bare: Stamps = {}
    wake = Waker(url)
    units = units_of(open_database(url), wake)
    with broker(bed) as connection:
        channel = connection.channel()
        start = time.monotonic()
        for n in range(number):
            _sleep_until(start + n / PER_SECOND)
            with units() as uow:
                uow.emit(event := submitted(n))
            spoken[event.code] = time.monotonic()
            _sleep_until(start + (n + 0.5) / PER_SECOND)
            key = f"{n:036d}"
            bare[key] = time.monotonic()
            channel.basic_publish(amqp.Message(key.encode() + bytes(800), delivery_mode=2), "", BARE.name)
    units.engine.dispose()
    return spoken, bare


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def delays(began: Stamps, ended: Stamps) -> Sequence[float]:
    missing = began.keys() - ended.keys()
    assert not missing, f"{len(missing)} of {len(began)} never came"
    return [ended[key] - at for key, at in began.items()][WARM_UP:]


def measure(bed: Testbed, events: int = EVENTS) -> list[Line]:
    source, target = make_database(bed), make_database(bed)
    with broker(bed) as connection:
        BARE(connection.default_channel).declare()
    with (
        process(subscriber_process, bed, target) as subscriber,
        process(relay_process, bed, source),
        process(bare_process, bed, "") as receiver,
    ):
        spoken, published = speak(bed, source, events + WARM_UP)
        time.sleep(2)
        ours, bare = delays(spoken, _stop(subscriber)), delays(published, _stop(receiver))
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
    with testbed() as bed:
        report.show(measure(bed, **report.options(events=EVENTS)))
