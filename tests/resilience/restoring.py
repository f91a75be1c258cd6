"""A subscriber's database is put back to an earlier state, and hears again what it lost."""

import time
from collections.abc import Callable

from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import Street, street, wait_for

PEOPLE = 10
APPLIED = "SELECT count(*) FROM tally"
PutBack = Callable[[], None]


def restored(ground: Ground, seed: int, events: int, seconds: float) -> Outcome:
    """As it was `seconds` ago: a copy of the database made then takes its place, under another oid."""
    return put_back(ground, events, seconds, a_copy)


def read_in(ground: Ground, seed: int, events: int, seconds: float) -> Outcome:
    """As docs/operating.md tells: `pg_dump` of the running service; `dropdb`, `createdb`, `pg_restore`."""
    return put_back(ground, events, seconds, a_dump)


def put_back(ground: Ground, events: int, seconds: float, save: Callable[[Street], PutBack]) -> Outcome:
    with street(ground) as there:
        there.start_all()
        there.speak(PEOPLE, events)
        assert wait_for(there.is_quiet, 120)
        bring_back = save(there)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            there.speak(PEOPLE, PEOPLE, 0.02)
        assert wait_for(there.is_quiet, 120)
        there.kill("south")
        lost = there.one("south", APPLIED)
        bring_back()
        lost -= there.one("south", APPLIED)
        there.start("south")
        there.speak(PEOPLE, PEOPLE)
        return Outcome(there.settled(within=180), 1, {"events that the restored database lacked": lost})


def a_copy(there: Street) -> PutBack:
    """Of a database that nobody uses meanwhile."""
    there.kill("south")
    copy = there.ground.copy_of(there.databases["south"])
    there.start("south")

    def bring_back() -> None:
        there.databases = {**there.databases, "south": copy}

    return bring_back


def a_dump(there: Street) -> PutBack:
    """Of a database in use. The restored one has the same name."""
    url, file = there.databases["south"], str(there.ground.folder / "south.dump")
    there.ground.client("pg_dump", "--format=custom", f"--file={file}", f"--dbname={url}")

    def bring_back() -> None:
        there.ground.recreate(url)
        there.ground.client("pg_restore", "--exit-on-error", f"--dbname={url}", file)

    return bring_back
