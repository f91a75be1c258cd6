"""The processes of the portal: started, watched, started again, and stopped, none left behind."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chassis.up.kernel import signal_group
from chassis.up.spawn import spawn

LONGEST_PAUSE = 15.0
FIRST_PAUSE = 0.25
STEADY_SECONDS = 30.0
PATIENCE_SECONDS = 4.0
LAST_SECONDS = 2.0


@dataclass
class Child:
    """`run` is what the process does; it may replace itself. `stop_with` asks it to end cleanly."""

    name: str
    run: Callable[[], object]
    stop_with: signal.Signals = signal.SIGTERM
    pid: int = 0
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    def has_ended(self) -> bool:
        """Whether it is not running; notes its end and takes along what it had started."""
        if self.pid and os.waitpid(self.pid, os.WNOHANG)[0]:
            signal_group(self.pid, signal.SIGKILL)
            self.pid = 0
        return not self.pid


@dataclass
class Family:
    """All children of this process. `held` are open files of ours that no child may keep."""

    logs: Path
    say: Callable[[str], None]
    held: list[int] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> Child:
        self.children.append(child)
        self._start(child)
        return child

    def log_of(self, child: Child) -> Path:
        return self.logs / f"{child.name}.log"

    def _start(self, child: Child) -> None:
        child.pid = spawn(child.run, self.log_of(child), self.held)
        child.started, child.due = time.monotonic(), 0.0

    def tend(self) -> None:
        """Note who ended, and start again those whose pause is over."""
        for child in self.children:
            if not child.has_ended():
                continue
            if not child.due:
                self._plan_restart(child)
            elif time.monotonic() >= child.due:
                self._start(child)

    def _plan_restart(self, child: Child) -> None:
        now = time.monotonic()
        child.failures = 0 if now - child.started > STEADY_SECONDS else child.failures + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**child.failures)
        child.due = now + pause
        self.say(
            f"{child.name} ended; it is started again in {pause:.2g} s ({self.log_of(child)} may say why)"
        )

    def stop(self, *children: Child) -> None:
        """Ask, wait a few seconds, then insist."""
        asked = [child for child in children if not child.has_ended()]
        for child in asked:
            os.kill(child.pid, child.stop_with)
        groups = [child.pid for child in asked]
        _wait(lambda: all(child.has_ended() for child in asked), PATIENCE_SECONDS)
        for child in asked:
            if not child.has_ended():
                self.say(f"{child.name} did not end within {PATIENCE_SECONDS:.0f} s and was killed")
                signal_group(child.pid, signal.SIGKILL)
        _wait(lambda: all(child.has_ended() for child in asked), LAST_SECONDS)
        # What a child had started was killed with it, but takes a moment to be gone.
        _wait(lambda: not any(signal_group(group, 0) for group in groups), LAST_SECONDS)


def _wait(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)
