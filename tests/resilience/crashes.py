"""A process dies at one point of the code, is started again, and everything is there once."""

import random
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any

from tests.resilience.crash_points import LOST, PARKED, POINTS, SICK, Point
from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import PARKED as COUNT_PARKED
from tests.resilience.street import Street, street, wait_for

PEOPLE = 8
EVENTS = 60
SICK_EVENTS = 10
"""More than the passes of any point that they lead by: each of them is parked once."""
DIES_WITHIN_SECONDS = 60
SIGKILLED = -9
NEVER = 3600
"""Nobody tells how far it is: what is filled is filled from the first position."""
DUE = "UPDATE parking SET next_try_at = now() WHERE next_try_at IS NOT NULL"
HARM = "the reaction raises"


def crash(ground: Ground, seed: int, point: str, times: int) -> Outcome:
    """`times` crashes on one street, at a pass drawn by `seed`; the verdict is over all its events."""
    dice = random.Random(f"{seed} {point}")
    with street(ground) as there:
        there.start_all(watch_seconds=NEVER)
        there.wait_until_bound()
        there.speak(PEOPLE, EVENTS)
        assert wait_for(there.is_quiet, 60), "it does not even work undisturbed"
        for _ in range(times):
            crash_once(there, point, POINTS[point], dice)
        return Outcome(there.settled(), times)


def crash_once(there: Street, name: str, point: Point, dice: random.Random) -> None:
    crash, healed = (name, dice.randint(1, point.passes)), point.given != SICK
    armed: dict[str, Any] = {"crash": crash, "healed": healed, "watch_seconds": NEVER}
    if point.victim == "speaker":
        victim = there.start_speaker(PEOPLE, EVENTS, **armed)
    else:
        there.kill(point.victim)
        prepare(there, point.given)
        victim = there.start(point.victim, **armed)
    wait_for(partial(keep_busy, there, victim, point), DIES_WITHIN_SECONDS)
    assert victim.exitcode == SIGKILLED, f"it did not die {name}: {victim.exitcode}"
    if point.victim != "speaker":
        there.start(point.victim, watch_seconds=NEVER)
    there.speak(PEOPLE, EVENTS)
    assert wait_for(there.is_quiet, 60), there.verdict()


def prepare(there: Street, given: str) -> None:
    if given == PARKED:
        there.start("south", healed=False)
        there.speak(PEOPLE, SICK_EVENTS, harm=HARM)
        # All of them: who is killed after the first leaves fewer to be retried than the passes to come.
        parked = wait_for(lambda: there.one("south", COUNT_PARKED) == SICK_EVENTS, 60)
        assert parked, there.one("south", COUNT_PARKED)
        there.kill("south")
        there.execute("south", DUE)
    elif given == LOST:
        there.delete_queue("south.events")


def keep_busy(there: Street, victim: BaseProcess, point: Point) -> bool:
    """Says more until the victim has died; a few at a time, so that there are many windows."""
    if point.victim != "speaker":
        there.speak(PEOPLE, SICK_EVENTS, harm=HARM if point.given in {SICK, PARKED} else "")
    return victim.exitcode is not None
