"""A new key is put in front while events sealed with the old one are on their way, and processes die."""

import os
import random
from multiprocessing.process import BaseProcess

from tests.resilience.checker import Verdict
from tests.resilience.crash_points import POINTS
from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import Street, street, wait_for

PEOPLE, EVENTS = 6, 20
SIGKILLED = -9
WORKERS = ("north", "south")
OPENED = "SELECT event_id::text FROM tally WHERE secret IS DISTINCT FROM 'secret ' || number"
Ring = dict[str, bytes]


def killed_while_rotating(ground: Ground, seed: int, times: int) -> Outcome:
    """Each time a key older by one is left behind; every process dies once at a point drawn by `seed`."""
    dice = random.Random(f"{seed} rotating")
    ring: Ring = {"key-0": os.urandom(32)}
    with street(ground) as there:
        there.use_keys({"notify": ring})
        there.start_all(seals={"notify": ring})
        for number in range(1, times + 1):
            newer = {f"key-{number}": os.urandom(32), **ring}
            rotate(there, ring, newer, dice)
            ring = newer
            assert wait_for(there.is_quiet, 60), there.verdict()
        verdict = there.settled()
        unread = [id for (id,) in there.rows("south", OPENED)]
        return Outcome(Verdict(verdict.n, [*verdict.lost, *unread], *rest(verdict)), times * len(WORKERS))


def rotate(there: Street, older: Ring, newer: Ring, dice: random.Random) -> None:
    """In any order: a subscriber may meet a key that it does not have yet."""
    for who in dice.sample(("speaker", *WORKERS), 3):
        speak(there)
        if who == "speaker":
            there.use_keys({"notify": newer})
        else:
            die_somewhere(there, who, older, dice)
            there.start(who, seals={"notify": newer})
        speak(there)


def die_somewhere(there: Street, who: str, ring: Ring, dice: random.Random) -> None:
    """At a point that every event passes, with the ring it had."""
    points = [name for name, point in POINTS.items() if point.victim == who and not point.given]
    there.kill(who)
    victim = there.start(who, seals={"notify": ring}, crash=(dice.choice(points), 1))
    assert wait_for(lambda: keep_busy(there, victim), 60)
    assert victim.exitcode == SIGKILLED


def keep_busy(there: Street, victim: BaseProcess) -> bool:
    speak(there)
    return victim.exitcode is not None


def speak(there: Street) -> None:
    there.speak(PEOPLE, EVENTS, sealed=True)


def rest(verdict: Verdict) -> tuple[list[object], list[object], list[object]]:
    return verdict.ghost, verdict.twice, verdict.disordered
