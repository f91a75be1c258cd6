"""The relay beside bare publishing: `python -m tests.bench.relay --events 10000 --rounds 7`.

Ours: a full outbox until its last row is marked. Limit: kombu's channel alone, the same bodies in confirmed
windows of the same size to the same exchange, key and quorum queue; nothing is read or marked.
"""

import time
from collections.abc import Callable, Sequence
from threading import Event as Flag

import amqp
from kombu import Connection

from chassis import envelope
from chassis.bus import Outgoing, at_rest, topology
from chassis.bus.amqp import AmqpBus
from chassis.bus.publisher import LogPublisher
from chassis.relay import WINDOW, Relay
from contracts.dossier import DossierSubmitted
from tests.bench import report
from tests.bench.bed import (
    DOORS,
    SPEAKER,
    TOPICS,
    Bed,
    Sealed,
    broker,
    database,
    fill_outbox,
    outgoing,
    sealed_events,
    started,
)
from tests.bench.figures import Line, at_least, in_turn

EVENTS, ROUNDS, WANTED = 10_000, 7, 0.8
STUCK_SECONDS = 120


class Watched(AmqpBus):
    """Knows when its publisher was ready, and how much that has published."""

    published = 0
    began = 0.0

    def publisher(self) -> LogPublisher:
        made = super().publisher()
        publish = made.publish

        def counted(window: Sequence[Outgoing], meanwhile: Callable[[], None] = at_rest) -> None:
            publish(window, meanwhile)
            self.published += len(window)

        made.publish = counted  # type: ignore[method-assign]
        self.began = time.perf_counter()
        return made


def relay_all(bed: Bed, events: Sequence[Sealed]) -> float:
    """Events a second. The relay's tick after the last window says that it is marked."""
    bus, stop, ended = Watched(bed.amqp_url, TOPICS, DOORS), Flag(), 0.0
    started = time.perf_counter()

    def tick() -> None:
        nonlocal ended
        if bus.published >= len(events) and not stop.is_set():
            ended = time.perf_counter()
            stop.set()
        assert time.perf_counter() - started < STUCK_SECONDS, f"only {bus.published} of {len(events)} sent"

    with database(bed) as engine, broker(bed):
        fill_outbox(engine, events)
        Relay(SPEAKER.name, [DossierSubmitted.type], [], engine, bus).run(stop, tick)
    return len(events) / (ended - bus.began)


def publish_all(bed: Bed, events: Sequence[Sealed], window: int = WINDOW) -> float:
    """Events a second, by the channel alone."""
    with broker(bed) as connection:
        ready = outgoing(events)
        began = time.perf_counter()
        publish(connection, ready, window)
        return len(events) / (time.perf_counter() - began)


def publish(connection: Connection, events: Sequence[Outgoing], window: int = WINDOW) -> None:
    channel = connection.channel()
    channel.confirm_select()
    outstanding: set[int] = set()

    def settle(tag: int, multiple: bool) -> None:
        outstanding.difference_update([t for t in outstanding if t <= tag] if multiple else [tag])

    channel.events["basic_ack"].add(settle)
    for start in range(0, len(events), window):
        for tag, event in enumerate(events[start : start + window], start + 1):
            outstanding.add(tag)
            channel.basic_publish(
                amqp.Message(event.body, content_type=envelope.CONTENT_TYPE, delivery_mode=2),
                exchange=topology.EVENTS.name,
                routing_key=event.key,
            )
        while outstanding:
            connection.drain_events(timeout=20)
    channel.close()


def measure(bed: Bed, events: int = EVENTS, rounds: int = ROUNDS) -> list[Line]:
    ready = sealed_events(events)
    figures = in_turn(
        rounds, {"ours": lambda: relay_all(bed, ready), "limit": lambda: publish_all(bed, ready)}
    )
    what = f"relay, beside bare confirmed publishing in windows of {WINDOW}"
    return [at_least(what, figures["ours"], figures["limit"], WANTED)]


if __name__ == "__main__":
    with started() as bed:
        report.show(measure(bed, **report.options(events=EVENTS, rounds=ROUNDS)))
