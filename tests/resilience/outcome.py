"""What an experiment brings back, and what it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.resilience.checker import Verdict
from tests.resilience.servers import Ground


@dataclass(frozen=True)
class Outcome:
    """`times` is how often the disturbance really happened; `notes` are figures worth keeping."""

    verdict: Verdict
    times: int = 1
    notes: Mapping[str, Any] = field(default_factory=dict)


Experiment = Callable[..., Outcome]
"""`(ground, seed, **parameters)`: the same for the short form in `make test` and for the long one."""

__all__ = ["Experiment", "Ground", "Outcome"]
