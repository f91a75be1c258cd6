"""The long form of stopping and waking: `pytest tests/resilience/long_stops.py`, part of `make resilience`.

MOTCUA_STOPS sets how many roles (13: each once), MOTCUA_SEED repeats a run.
"""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Say
from tests.resilience.accounts import settled
from tests.resilience.house import House, in_turn
from tests.resilience.load import CLIENTS, Load

STOPS = int(os.environ.get("MOTCUA_STOPS", "13"))
SEED = int(os.environ.get("MOTCUA_SEED", "3"))
STOPPED_SECONDS = {"service": 35.0, "worker": 65.0, "gateway": 35.0, "broker": 10.0, "database": 10.0}
"""Workers: longer than their watchdog's patience."""
WATCHDOG_LOOKS_EVERY_SECONDS = 6.0


@pytest.mark.timeout(3600)
def test_each_role_is_stopped_longer_than_every_patience(house: House, load: Load, say: Say) -> None:
    """A stopped worker has a stand-by, which takes over; both are there when it wakes."""
    turns = in_turn(random.Random(SEED), house.all_victims())
    with ThreadPoolExecutor(CLIENTS + 2) as pool:
        for _ in range(STOPS):
            stop_one(house, load, pool, next(turns), say)


def stop_one(house: House, load: Load, pool: ThreadPoolExecutor, victim: str, say: Say) -> None:
    kind = next(kind for kind in STOPPED_SECONDS if victim in house.victims(kind))
    seconds, before, stand_by = STOPPED_SECONDS[kind], len(load.accepted), f"{victim}.2"
    if kind == "worker":
        house.portal.start(stand_by)
    busy = load.run(pool, seconds + 5)
    with house.frozen(victim):
        time.sleep(seconds)
    ended = house.start_what_ended(WATCHDOG_LOOKS_EVERY_SECONDS)
    for one in busy:
        one.result()
    compared = settled(house, load)
    if kind == "worker":
        house.portal.kill(stand_by)
    say(f"stops: {victim} for {seconds:.0f} s, {len(load.accepted) - before} submissions, ended {ended}")
    say("stops: " + "; ".join(map(str, compared)))
