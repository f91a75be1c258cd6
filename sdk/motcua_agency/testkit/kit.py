"""All plays against one consumer, and what they found."""

import random
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from motcua_agency.testkit.faults import Fault
from motcua_agency.testkit.plays import deciding, gaps, hearing, outages, poison
from motcua_agency.testkit.program import Consumer
from motcua_agency.testkit.stage import Stage

Play = Callable[[Stage], None]

RECEIVING: tuple[Play, ...] = (
    hearing.golden,
    hearing.duplicates,
    hearing.order,
    outages.cut_before_ack,
    outages.cut_mid_handler,
    outages.killed,
    outages.outage,
    outages.late_broker,
    gaps.gap,
    gaps.gap_across_a_restart,
    poison.poison,
    poison.unknown_fields,
)
DECIDING: tuple[Play, ...] = (
    deciding.decided,
    deciding.decision_lost,
    deciding.confirm_lost,
    deciding.rejected,
)
PLAYS = {play.__name__.replace("_", "-"): play for play in (*RECEIVING, *DECIDING)}
DECISIONS = frozenset(play.__name__.replace("_", "-") for play in DECIDING)


@dataclass(frozen=True)
class Report:
    """`faults` has each name once, with the play and the evidence where it showed first."""

    plays: Sequence[str]
    faults: Sequence[Fault]

    @property
    def names(self) -> set[str]:
        return {fault.name for fault in self.faults}


def run(
    amqp_url: str,
    consumer: Consumer,
    plays: Collection[str] = tuple(PLAYS),
    patience: float = 15.0,
    say: Callable[[str, Sequence[Fault]], object] | None = None,
) -> Report:
    """Play against `consumer`: a command, or a function of the environment that runs for ever.

    `amqp_url` is a broker to play on (amqp, not amqps), with an account that may declare queues: not the
    one of a running portal. `say` is told each play's name and new faults once it is over.
    """
    found: dict[str, Fault] = {}
    for name in plays:
        new = [fault for fault in _play(name, amqp_url, consumer, patience) if fault.name not in found]
        found |= {fault.name: fault for fault in reversed(new)}
        if say:
            say(name, list({fault.name: fault for fault in reversed(new)}.values()))
    return Report(list(plays), list(found.values()))


def _play(name: str, amqp_url: str, consumer: Consumer, patience: float) -> list[Fault]:
    with _stage(name, amqp_url, consumer, patience) as stage:
        PLAYS[name](stage)
        seen = [Fault(fault, name, evidence) for fault, evidence in stage.wire.faults().items()]
        return seen + stage.faults


@contextmanager
def _stage(name: str, amqp_url: str, consumer: Consumer, patience: float) -> Iterator[Stage]:
    agency = f"T99.{random.randrange(100, 1000)}.{random.randrange(100, 1000)}"
    with tempfile.TemporaryDirectory(prefix="motcua-testkit-") as folder:
        stage = Stage(name, amqp_url, agency, consumer, Path(folder), patience)
        stage.open()
        try:
            yield stage
        finally:
            stage.close()
