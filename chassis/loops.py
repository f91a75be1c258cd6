"""The loops of a worker: each in a thread of its own, started again when it fails, watched when it sticks."""

import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event as Flag
from typing import TypeVar

import structlog

log = structlog.get_logger()

STUCK_SECONDS = 60
LOOK_EVERY_SECONDS = 5
AGAIN_AFTER_SECONDS = 1
IDLE_SECONDS = 2.0
GROWS = 1.5
MOST_SPREAD_SECONDS = 1.0

T = TypeVar("T")
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


class News:
    """How often something came in that may have left work to a service's other loops."""

    def __init__(self) -> None:
        self._number = 0

    def __call__(self) -> int:
        return self._number

    def after(self, handle: Callable[[T], None]) -> Callable[[T], None]:
        """The same, and news when it is done, also when it failed."""

        def handled(given: T) -> None:
            try:
                handle(given)
            finally:
                self._number += 1

        return handled


def nothing_new() -> int:
    return 0


def every(pause: timedelta, run: Callable[[], int], news: Callable[[], int] = nothing_new) -> Loop:
    """Run, again at once while there was something to do, else after the pause.

    Where nothing is found again and again, a pause below two seconds grows up to that. It is short again
    as soon as something is found, or `news` has changed: a number that rises with what may bring work.
    """
    short = pause.total_seconds()
    if short >= IDLE_SECONDS:
        news = nothing_new

    def loop(stop: Flag, tick: Tick) -> None:
        # All at once, each would open a connection of its own, and the pool keeps what is open.
        stop.wait(random.uniform(0, min(short, MOST_SPREAD_SECONDS)))
        wait = short
        while not stop.is_set():
            tick()
            heard = news()
            if run() or _wait(wait, short, stop, tick, news, heard):
                wait = short
            else:
                wait = max(short, min(wait * GROWS, IDLE_SECONDS))

    return loop


def _wait(seconds: float, step: float, stop: Flag, tick: Tick, news: Callable[[], int], heard: int) -> bool:
    """Whether there was news before the time was over."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not stop.wait(min(left, step, 1)):
        tick()
        if news() != heard:
            return True
    return False
