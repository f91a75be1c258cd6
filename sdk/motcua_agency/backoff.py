"""How long to wait before the same is tried again."""

import random
from dataclasses import dataclass


@dataclass
class BackOff:
    """Doubles from `first` to `most` seconds; jitter, so that a thousand offices do not come back at once."""

    first: float = 1.0
    most: float = 30.0
    failures: int = 0

    def next(self) -> float:
        """Seconds: between half of the step and all of it."""
        step: float = min(self.most, self.first * 2 ** min(self.failures, 30))
        self.failures += 1
        return step * random.uniform(0.5, 1.0)

    def reset(self) -> None:
        self.failures = 0
