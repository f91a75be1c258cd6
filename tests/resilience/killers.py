"""A message whose reaction ends its process, each time: others must neither wait long nor go with it."""

import random
import time

from tests.resilience import toys
from tests.resilience.checker import Verdict
from tests.resilience.outcome import Outcome
from tests.resilience.poison import KILLER, PEOPLE, dead_letters, good_left
from tests.resilience.servers import Ground
from tests.resilience.street import Street, street

PARKED = "SELECT count(*) FROM parking WHERE error IS NOT NULL"
MOST_SECONDS = 120


def killer(ground: Ground, seed: int, events: int) -> Outcome:
    """`events` good ones around it. Whoever watches processes starts the dead one again at once."""
    dice = random.Random(f"{seed} killer")
    with street(ground) as there:
        there.start("north")
        before = dice.randrange(events)
        there.speak(PEOPLE, before)
        with there.speaker() as uow:
            toys.do(uow, "poison", 0, harm=KILLER)
        there.speak(PEOPLE, events - before)
        started = time.monotonic()
        deaths, until = 0, started + MOST_SECONDS
        there.start("south", healed=False)
        while not is_over(there) and time.monotonic() < until:
            if there.running["south"].exitcode is not None:
                deaths += 1
                there.start("south", healed=False)
            time.sleep(0.1)
        return Outcome(judged(there), 1, {"deaths": deaths, "seconds": round(time.monotonic() - started)})


def is_over(there: Street) -> bool:
    """All good ones are applied and the killer alone is put away."""
    return put_away(there) == 1 and not good_left(there)


def put_away(there: Street) -> int:
    return dead_letters(there) + int(there.one("south", PARKED))


def judged(there: Street) -> Verdict:
    """One may be missing: the killer, when it is put away; and nothing else may be."""
    verdict = there.verdict()
    lost = verdict.lost[put_away(there) :] if put_away(there) <= 1 else verdict.lost
    return Verdict(verdict.n, lost, verdict.ghost, verdict.twice, verdict.disordered)
