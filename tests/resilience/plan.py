"""What the long form runs. Each line is so short that little is lost when it is cut off in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.resilience import (
    crashes,
    disks,
    filling,
    killers,
    migrating,
    network,
    outages,
    poison,
    restoring,
    rotating,
)
from tests.resilience import stopped as stopping
from tests.resilience.crash_points import POINTS
from tests.resilience.ledger import Run
from tests.resilience.outcome import Experiment

CRASHES_A_RUN, RUNS = 5, 5
EXPERIMENTS: dict[str, Experiment] = {
    "crash": crashes.crash,
    "crash during migration": migrating.killed_while_migrating,
    "crash during key rotation": rotating.killed_while_rotating,
    "broker restarted": outages.broker_restarts,
    "broker wiped": outages.broker_is_wiped,
    "binding deleted": outages.binding_deleted,
    "queue deleted": outages.queue_deleted,
    "subscriber down": outages.subscriber_down,
    "stopped": stopping.stopped,
    "bad links": network.bad_links,
    "broker's disk alarm": disks.disk_alarm,
    "broker's disk full": disks.disk_full,
    "poison": poison.poison,
    "poison that kills": killers.killer,
    "back-fill": filling.back_fill,
    "database restored": restoring.restored,
    "database read in from a dump": restoring.read_in,
}


@dataclass(frozen=True)
class Line:
    """An experiment, with its parameters, `runs` times with seeds of their own."""

    experiment: str
    parameters: dict[str, Any] = field(default_factory=dict)
    runs: int = 1


PLAN = [
    *(Line("crash", {"point": point, "times": CRASHES_A_RUN}, RUNS) for point in POINTS),
    Line("crash during migration", {"times": CRASHES_A_RUN, "events": 2_000}, RUNS),
    Line("crash during key rotation", {"times": CRASHES_A_RUN}, RUNS),
    Line("broker restarted", {"events": 10_000, "part": 0.33}),
    Line("broker restarted", {"events": 10_000, "part": 0.5}),
    Line("broker wiped", {"events": 10_000, "part": 0.33}),
    Line("binding deleted", {"events": 5_000, "part": 0.33}),
    Line("queue deleted", {"events": 5_000, "part": 0.33}),
    *(Line("subscriber down", {"seconds": seconds, "rate": 25}) for seconds in (10, 60, 300)),
    *(Line("stopped", {"who": who, "seconds": 35, "rate": 25}, 2) for who in ("north", "south")),
    *(Line("bad links", {"link": link, "seconds": 60}, 3) for link in network.LINKS),
    Line("broker's disk alarm", {"seconds": 60, "rate": 25}, 3),
    Line("broker's disk full", {"seconds": 20, "rate": 25}, 3),
    Line("poison", {"events": 10_000, "share": 0.01, "pause": 0.005}),
    Line("poison that kills", {"events": 500}),
    Line("back-fill", {"past": 50_000, "meanwhile": 2_000}),
    Line("database restored", {"events": 500, "seconds": 600}),
    Line("database read in from a dump", {"events": 500, "seconds": 600}),
]


def all_runs() -> Iterator[Run]:
    """The first of each line, then the second of each: cut off, all have been tried about as often."""
    for number in range(max(line.runs for line in PLAN)):
        for line in PLAN:
            if number < line.runs:
                yield Run(line.experiment, 1000 + number, line.parameters)
