"""What the long form runs. Each line is so short that little is lost when it is cut off in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.resilience import crashes, migrating, rotating
from tests.resilience.crash_points import POINTS
from tests.resilience.ledger import Run
from tests.resilience.outcome import Experiment

CRASHES_A_RUN, RUNS = 5, 5
EXPERIMENTS: dict[str, Experiment] = {
    "crash": crashes.crash,
    "crash during migration": migrating.killed_while_migrating,
    "crash during key rotation": rotating.killed_while_rotating,
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
]


def all_runs() -> Iterator[Run]:
    """The first of each line, then the second of each: cut off, all have been tried about as often."""
    for number in range(max(line.runs for line in PLAN)):
        for line in PLAN:
            if number < line.runs:
                yield Run(line.experiment, 1000 + number, line.parameters)
