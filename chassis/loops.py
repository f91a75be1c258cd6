"""The loops of a worker: each in a thread of its own, started again when it fails, watched when it sticks."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event as Flag

import structlog

log = structlog.get_logger()

STUCK_SECONDS = 60
LOOK_EVERY_SECONDS = 5
AGAIN_AFTER_SECONDS = 1

Tick = Callable[[], None]
Loop = Callable[[Flag, Tick], None]


@dataclass
class Loops:
    """Those of one service, which `stop` ends. A loop calls its tick at least every second."""

    owner: str
    stop: Flag
    _threads: list[threading.Thread] = field(default_factory=list)
    _ticks: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, loop: Loop) -> None:
        self._tick(name)
        self._threads.append(
            threading.Thread(target=self._keep, args=[name, loop], name=f"{self.owner} {name}")
        )

    def start(self) -> list[threading.Thread]:
        self._threads.append(threading.Thread(target=self._watch, name=f"{self.owner} watchdog"))
        for thread in self._threads:
            thread.start()
        return self._threads

    def _tick(self, name: str) -> None:
        self._ticks[name] = time.monotonic()

    def _keep(self, name: str, loop: Loop) -> None:
        """A loop that fails (the database is away, a bug) starts again; its work is all in the database."""
        while not self.stop.is_set():
            try:
                loop(self.stop, lambda: self._tick(name))
            except Exception as error:
                log.error("loop failed, starting it again", loop=f"{self.owner} {name}", exc_info=error)
                self.stop.wait(AGAIN_AFTER_SECONDS)
                self._tick(name)

    def _watch(self) -> None:
        """A stuck loop is worse than a restart: whoever watches the process starts it again."""
        while not self.stop.wait(LOOK_EVERY_SECONDS):
            stuck = [name for name, at in self._ticks.items() if time.monotonic() - at > STUCK_SECONDS]
            if stuck:
                log.error("loops are stuck, ending the process", owner=self.owner, loops=stuck)
                os._exit(70)


def every(pause: timedelta, run: Callable[[], int]) -> Loop:
    """Run, again at once while there was something to do, else after the pause."""

    def loop(stop: Flag, tick: Tick) -> None:
        while not stop.is_set():
            tick()
            if not run():
                _wait(pause, stop, tick)

    return loop


def _wait(pause: timedelta, stop: Flag, tick: Tick) -> None:
    end = time.monotonic() + pause.total_seconds()
    while (left := end - time.monotonic()) > 0 and not stop.wait(min(left, 1)):
        tick()
