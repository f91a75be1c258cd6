"""The consumer beside bare consuming: `python -m tests.bench.consumer --events 10000 --rounds 5`.

Ours: inbox, reaction, commit, ack, in batches. Limit: kombu's channel alone at the same prefetch, one
acknowledgement for each 50 messages. Also the same consumer with one message a transaction.
"""

import math
import time
from collections.abc import Callable, Sequence
from threading import Event as Flag

import amqp
from sqlalchemy import Engine, Table, func, select

from chassis.bus import Subscriber
from chassis.bus.feed import PREFETCH
from chassis.consumer import Consumer
from chassis.handling import Delivered, Handler
from chassis.service import Reaction
from contracts.dossier import DossierSubmitted
from tests.bench import report
from tests.bench.bed import (
    QUEUE,
    Bed,
    Sealed,
    broker,
    bus_of,
    count,
    count_at_once,
    counts,
    database,
    dossiers,
    fill_subscriber,
    note,
    note_one,
    outgoing,
    sealed_events,
    started,
    units_of,
)
from tests.bench.figures import Line, at_least, in_turn
from tests.bench.relay import publish

EVENTS, ROUNDS = 10_000, 5
ACK_EACH = 50
STUCK_SECONDS = 30
SLOWER = 10
"""What is so much slower gets that much less to do."""
Handle = Callable[[Sequence[Delivered]], None]


def consume_bare(bed: Bed, events: Sequence[Sealed]) -> float:
    """Messages a second, received and acknowledged, nothing done with them."""
    got = 0

    def on_message(message: amqp.Message) -> None:
        nonlocal got
        got += 1
        if got % ACK_EACH == 0 or got == len(events):
            channel.basic_ack(message.delivery_info["delivery_tag"], multiple=True)

    with broker(bed) as connection:
        publish(connection, outgoing(events))
        channel = connection.channel()
        channel.auto_decode = False
        channel.basic_qos(prefetch_size=0, prefetch_count=PREFETCH, a_global=False)
        began = time.perf_counter()
        channel.basic_consume(QUEUE, callback=on_message)
        while got < len(events):
            connection.drain_events(timeout=20)
        return len(events) / (time.perf_counter() - began)


def consume(bed: Bed, engine: Engine, events: Sequence[Sealed], handle: Handle) -> float:
    """Messages a second by the product's own feed: from its last tick before the first batch."""
    stop, done, began, ticked, moved = Flag(), 0, 0.0, 0.0, math.inf

    def tick() -> None:
        nonlocal ticked
        ticked = time.perf_counter()
        if ticked - moved > STUCK_SECONDS:
            stop.set()

    def counted(batch: Sequence[Delivered]) -> None:
        nonlocal done, began, moved
        began = began or ticked
        handle(batch)
        done += len(batch)
        moved = time.perf_counter()
        if done >= len(events):
            stop.set()

    with broker(bed) as connection:
        publish(connection, outgoing(events))
    fill_subscriber(engine, events)
    moved = time.perf_counter()
    bus_of(bed).consume(Subscriber(QUEUE, counted), stop, tick)
    assert done == len(events), f"only {done} of {len(events)} came"
    return len(events) / (time.perf_counter() - began)


def batches(consumer: Consumer) -> Handle:
    return consumer.handle


def one_by_one(consumer: Consumer) -> Handle:
    def handle(batch: Sequence[Delivered]) -> None:
        for delivered in batch:
            consumer.handle([delivered])

    return handle


def run(
    bed: Bed,
    events: Sequence[Sealed],
    reaction: Reaction,
    table: Table,
    how: Callable[[Consumer], Handle] = batches,
) -> float:
    with database(bed) as engine:
        consumer = Consumer("bench", [Handler("bench", DossierSubmitted, reaction)], units_of(engine))
        figure = consume(bed, engine, events, how(consumer))
        with engine.connect() as connection:
            assert connection.execute(select(func.sum(table.c.n))).scalar_one() == len(events)
    return figure


def measure(bed: Bed, events: int = EVENTS, rounds: int = ROUNDS) -> list[Line]:
    many, few = sealed_events(events), sealed_events(max(events // SLOWER, 1))
    figures = in_turn(
        rounds,
        {
            "bare": lambda: consume_bare(bed, many),
            "core": lambda: run(bed, many, count, counts),
            "at once": lambda: run(bed, few, count_at_once, counts),
            "orm": lambda: run(bed, many, note, dossiers),
            "orm each": lambda: run(bed, few, note_one, dossiers),
            "one by one": lambda: run(bed, few, count, counts, one_by_one),
        },
    )
    core, bare = figures["core"], figures["bare"]
    return [
        at_least(f"consumer, inbox and a Core count, beside bare prefetch {PREFETCH}", core, bare, 0.4),
        at_least("the same, each statement executed at once", figures["at once"], bare, None),
        at_least("consumer, inbox and an ORM aggregate, beside the same", figures["orm"], bare, 0.15),
        at_least("the same, each aggregate loaded by itself", figures["orm each"], bare, None),
        at_least("the Core count, beside one message a transaction", core, figures["one by one"], 3),
    ]


if __name__ == "__main__":
    with started() as bed:
        report.show(measure(bed, **report.options(events=EVENTS, rounds=ROUNDS)))
