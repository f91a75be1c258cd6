"""A process is stopped (SIGSTOP) longer than every patience, its stand-by goes on, and then it wakes."""

import random
import signal
import time

from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import Street, street, wait_for

PEOPLE = 20
GOES_ON = 25
LOCK_IS_HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
DATABASE = " (SELECT oid FROM pg_database WHERE datname = current_database())"


def stopped(ground: Ground, seed: int, who: str, seconds: float, rate: float) -> Outcome:
    """`who` of the workers, `seconds` long, with a stand-by of the same kind, at `rate` events a second."""
    dice = random.Random(f"{seed} stopped")
    with street(ground) as there:
        there.start_all()
        assert wait_for(lambda: there.one("north", LOCK_IS_HELD + DATABASE) > 0, 30)
        there.start(who, f"stand-by of {who}")
        speaker = there.start_speaker(PEOPLE, int((seconds + 4) * rate), 1 / rate)
        time.sleep(dice.uniform(1, 2))
        meanwhile = while_stopped(there, who, seconds)
        speaker.join(600)
        assert wait_for(there.is_quiet, 180), there.verdict()
        return Outcome(there.settled(), 1, {"applied while it was stopped": meanwhile})


def while_stopped(there: Street, who: str, seconds: float) -> int:
    """`seconds` at least, and until the stand-by goes on: a busy machine gives it its turn late."""
    there.send(who, signal.SIGSTOP)
    before = applied(there)
    time.sleep(seconds)
    wait_for(lambda: applied(there) - before > GOES_ON, 60)
    meanwhile = applied(there) - before
    there.send(who, signal.SIGCONT)
    return meanwhile


def applied(there: Street) -> int:
    return int(there.one("south", "SELECT count(*) FROM tally"))
