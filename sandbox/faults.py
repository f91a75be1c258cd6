"""How the outside world misbehaves: set when the sandbox starts, never by a request."""

import random
import time
from dataclasses import dataclass

from chassis.settings import env


@dataclass
class Faults:
    """`delay` in seconds before every answer. `failing` and `lost_answers` are shares of the calls, 0 to 1.

    `mobile` is what the mobile signature service does instead of waiting for the PIN: `signs`, `refuses`,
    `silent`, `wrong-pin` or `another-key`.
    A failing call is answered 500 and nothing was done; a lost answer is a 500 for something that was done.
    A test in the same process may change them while the sandbox runs.
    """

    delay: float = 0.0
    failing: float = 0.0
    lost_answers: float = 0.0
    down: bool = False
    mobile: str = ""

    @classmethod
    def from_environment(cls) -> "Faults":
        return cls(
            delay=env.float("SANDBOX_DELAY", 0.0),
            failing=env.float("SANDBOX_FAILING", 0.0),
            lost_answers=env.float("SANDBOX_LOST_ANSWERS", 0.0),
            down=env.bool("SANDBOX_DOWN", False),
            mobile=env.str("SANDBOX_MOBILE", ""),
        )

    def before(self) -> int | None:
        """Waits as long as set; the status to fail with, or None to go on."""
        time.sleep(self.delay)
        if self.down:
            return 503
        return 500 if random.random() < self.failing else None

    def after(self) -> int | None:
        return 500 if random.random() < self.lost_answers else None
