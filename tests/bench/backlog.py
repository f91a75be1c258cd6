"""A backlog drains without memory growing: `python -m tests.bench.backlog --events 100000`.

A worker with the relay drains a full outbox into the broker; then a worker with the consumer, which was away,
drains the queue. Memory is the PSS of that process, and growth is counted from when a tenth is done.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from chassis import tables
from tests.bench import report
from tests.bench.bed import (
    Bed,
    broker,
    counts,
    fill_outbox,
    fill_subscriber,
    make_database,
    open_database,
    sealed_events,
    started,
)
from tests.bench.figures import Line
from tests.bench.processes import Worker, relay_of, subscriber_of
from tests.system.running import pss

EVENTS, WANTED = 100_000, 1.10
LOOK_SECONDS = 0.25
STUCK_SECONDS = 600


@dataclass(frozen=True)
class Drained:
    """`memory` in bytes: one before there was anything to do, then one for each look."""

    seconds: float
    memory: Sequence[int]

    @property
    def at_a_tenth(self) -> int:
        return self.memory[1 + len(self.memory) // 10]


def drain(worker: Worker, done: Callable[[], bool]) -> Drained:
    memory = [pss(worker.pid)]
    began = time.monotonic()
    worker.go()
    while not done():
        memory.append(pss(worker.pid))
        time.sleep(LOOK_SECONDS)
        assert time.monotonic() - began < STUCK_SECONDS, "it does not drain"
    seconds = time.monotonic() - began
    memory.append(pss(worker.pid))
    return Drained(seconds, memory)


def all_sent(engine: Engine) -> bool:
    with engine.connect() as connection:
        unsent = select(tables.outbox.c.event_id).where(tables.outbox.c.sent_at.is_(None)).limit(1)
        return connection.execute(unsent).first() is None


def counted(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.sum(counts.c.n))).scalar_one())


def line(what: str, events: int, drained: Drained) -> Line:
    start, tenth, peak, end = (
        size / 2**20
        for size in (drained.memory[0], drained.at_a_tenth, max(drained.memory), drained.memory[-1])
    )
    growth = peak / tenth
    return Line(
        f"{what}, {events:,} events at {events / drained.seconds:,.0f}/s: memory",
        f"start {start:.0f}, at a tenth {tenth:.0f}, peak {peak:.0f}, end {end:.0f} MiB",
        f"{tenth:.0f} MiB",
        f"{growth:.2f}",
        f"≤ {WANTED:g}",
        growth <= WANTED,
    )


def measure(bed: Bed, events: int = EVENTS) -> list[Line]:
    ready = sealed_events(events)
    source, target = (open_database(make_database(bed)) for _ in range(2))
    with broker(bed):
        fill_outbox(source, ready)
        fill_subscriber(target, ready)
        with relay_of(bed, source) as worker:
            sent = drain(worker, lambda: all_sent(source))
        with subscriber_of(bed, target) as worker:
            heard = drain(worker, lambda: counted(target) >= events)
        assert counted(target) == events, "something was counted twice"
    for engine in (source, target):
        engine.dispose()
    return [
        line("relay draining a backlog", events, sent),
        line("consumer draining a backlog", events, heard),
    ]


if __name__ == "__main__":
    with started() as bed:
        report.show(measure(bed, **report.options(events=EVENTS)))
