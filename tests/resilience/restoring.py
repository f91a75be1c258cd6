"""A subscriber's database is put back to an earlier state, and hears again what it lost."""

import time

from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import street, wait_for

PEOPLE = 10


def restored(ground: Ground, seed: int, events: int, seconds: float) -> Outcome:
    """As it was `seconds` ago: a copy of the database made then takes its place, under another oid."""
    with street(ground) as there:
        there.start_all()
        there.speak(PEOPLE, events)
        assert wait_for(there.is_quiet, 120)
        there.kill("south")
        copy = ground.copy_of(there.databases["south"])
        there.start("south")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            there.speak(PEOPLE, PEOPLE, 0.02)
        assert wait_for(there.is_quiet, 120)
        there.kill("south")
        lost = there.one("south", "SELECT count(*) FROM tally") - events
        there.databases = {**there.databases, "south": copy}
        there.start("south")
        there.speak(PEOPLE, PEOPLE)
        return Outcome(there.settled(within=180), 1, {"events that the restored database lacked": lost})
