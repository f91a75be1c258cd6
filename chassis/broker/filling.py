"""Queues that their sources fill from their logs now: their bindings are withheld, and not missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from chassis.bus import Topics, topology
from chassis.db import open_engine
from chassis.findings import Finding, unseen
from chassis.settings import text
from chassis.tables import outbox, subscriptions

Binding = tuple[str, str, str]
"""Exchange, queue, routing key."""


@dataclass(frozen=True)
class Progress:
    """How far a queue has its source's log. Positions are the source's, and count all its events."""

    source: str
    filled: int
    last: int

    def __str__(self) -> str:
        return f"is being filled from the log of {self.source}: {self.filled} of {self.last}"


def ask(sources: Sequence[str], topics: Topics) -> tuple[Mapping[Binding, Progress], list[Finding]]:
    """Of those whose database URL is set; and of which databases there was no answer."""
    withheld: dict[Binding, Progress] = {}
    findings = []
    for source in sources:
        if not (url := text(f"{source.upper()}_DATABASE_URL", "")):
            continue
        engine = open_engine(url, "motcua-bus", 2)
        try:
            withheld |= of(engine, source, topics)
        except SQLAlchemyError:
            what = "whether it fills queues now was not looked at: its database is away"
            findings.append(unseen(f"log of {source}", what, "run this again once it answers"))
        finally:
            engine.dispose()
    return withheld, findings


def of(engine: Engine, source: str, topics: Topics) -> Mapping[Binding, Progress]:
    """What this source withholds, by binding."""
    withheld = select(subscriptions).where(subscriptions.c.filled.is_not(None))
    with engine.connect() as connection:
        rows = connection.execute(withheld).all()
        last = connection.execute(select(func.max(outbox.c.log_position))).scalar_one() or 0
    return {
        (topology.EVENTS.name, row.queue, key): Progress(source, min(row.filled, last), last)
        for row in rows
        if row.queue in topics
        for key in topology.binding_keys(row.type, topics[row.queue])
    }
