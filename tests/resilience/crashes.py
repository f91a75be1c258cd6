"""A process dies at one point of the code, is started again, and everything is there once."""

import random
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any

from tests.resilience.crash_points import POINTS, Point
from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import PARKED, Street, street, wait_for

PEOPLE = 8
EVENTS = 60
DIES_WITHIN_SECONDS = 60
SIGKILLED = -9
HARM = "the reaction raises"


def crash(ground: Ground, seed: int, point: str, times: int) -> Outcome:
    """`times` crashes on one street, at a pass drawn by `seed`; the verdict is over all its events."""
    dice = random.Random(f"{seed} {point}")
    with street(ground) as there:
        there.start_all()
        for _ in range(times):
            crash_once(there, point, POINTS[point], dice)
        return Outcome(there.settled(), times)


def crash_once(there: Street, name: str, point: Point, dice: random.Random) -> None:
    armed: dict[str, Any] = {"crash": (name, dice.randint(1, point.passes)), "healed": "parking" not in name}
    if point.victim == "speaker":
        victim = there.start_speaker(PEOPLE, EVENTS, **armed)
    else:
        there.kill(point.victim)
        if "retrying" in name:
            park_some(there)
        victim = there.start(point.victim, **armed)
    wait_for(partial(keep_busy, there, victim, name), DIES_WITHIN_SECONDS)
    assert victim.exitcode == SIGKILLED, f"it did not die {name}: {victim.exitcode}"
    if point.victim != "speaker":
        there.start(point.victim)
    there.speak(PEOPLE, EVENTS)
    assert wait_for(there.is_quiet, 60), there.verdict()


def park_some(there: Street) -> None:
    there.start("south", healed=False)
    there.speak(PEOPLE, 10, harm=HARM)
    assert wait_for(lambda: bool(there.one("south", PARKED)), 60), "nothing was parked"
    there.kill("south")


def keep_busy(there: Street, victim: BaseProcess, name: str) -> bool:
    """Says more until the victim has died; a few at a time, so that there are many windows."""
    if there.running.get("speaker") is not victim:
        there.speak(PEOPLE, 10, harm=HARM if "park" in name else "")
    return victim.exitcode is not None
