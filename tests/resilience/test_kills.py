"""Processes are killed with -9, or stopped and woken, under load, and started again.

Whatever was answered must be there, once, wherever it must have come. Ids are compared, not counts.
Each of the 13 roles is killed once, one a run, at a random moment, then each again, and so on. MOTCUA_KILLS
sets how many runs, MOTCUA_SEED repeats a run. Each role stopped for long: `long_stops.py`.
"""

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Say
from tests.resilience.accounts import Compared, settled
from tests.resilience.house import HEARD, House, in_turn
from tests.resilience.load import CLIENTS, CONNECTED, Load

RUNS = int(os.environ.get("MOTCUA_KILLS", "13"))
SEED = int(os.environ.get("MOTCUA_SEED", str(random.SystemRandom().randrange(10**6))))
LOAD_SECONDS = 3.0
LONGER_THAN_THE_IDLE_SESSION_TIMEOUT, BRIEFLY = 16.0, 2.0


@pytest.mark.timeout(3600)
def test_whatever_is_killed_all_that_was_answered_is_there_once_wherever_it_must_be(
    house: House, load: Load, say: Say
) -> None:
    dice = random.Random(SEED)
    turns = in_turn(dice, house.all_victims())
    kills: Counter[str] = Counter()
    compared: list[Compared] = []
    with ThreadPoolExecutor(CLIENTS + 2) as pool:
        for _ in range(RUNS):
            victim = next(turns)
            busy = load.run(pool, LOAD_SECONDS)
            time.sleep(dice.uniform(0, LOAD_SECONDS))
            house.kill_and_start(victim, dice.uniform(0, 1))
            for one in busy:
                one.result()
            kills[victim] += 1
            compared = settled(house, load)
    say(f"kills: {RUNS} runs (seed {SEED}), killed {dict(sorted(kills.items()))}")
    answered = f"{len(load.accepted)} submissions and {len(load.rated)} ratings answered 201"
    say(f"kills: {answered}, beside {dict(load.done)}")
    say("kills: " + "; ".join(map(str, compared)))
    say(f"kills: answers lost and asked for again {dict(load.faults)}")
    say(f"kills: the queue of {CONNECTED} repeated {house.office.repeats()} of {len(house.office.heard)}")
    if len(house.all_victims()) <= RUNS:
        assert set(kills) == set(house.all_victims())


@pytest.mark.timeout(600)
def test_with_all_workers_stopped_work_is_taken_and_all_of_it_is_there_once_they_wake(
    house: House, load: Load, say: Say
) -> None:
    """Meanwhile an API, the gateway, the broker and the database stop, too, one after the other."""
    others = [house.victims(kind)[0] for kind in ("service", "gateway", "broker", "database")]
    before = len(load.accepted)
    with ThreadPoolExecutor(CLIENTS + 2) as pool:
        busy = load.run(pool, LONGER_THAN_THE_IDLE_SESSION_TIMEOUT)
        with house.frozen(*house.victims("worker")):
            until = time.monotonic() + LONGER_THAN_THE_IDLE_SESSION_TIMEOUT
            for victim in others:
                with house.frozen(victim):
                    time.sleep(BRIEFLY)
            heard = house.rows("notify", HEARD)
            time.sleep(max(0.0, until - time.monotonic()))
            meanwhile = len(load.accepted) - before
            assert house.rows("notify", HEARD) == heard, "the workers were not stopped"
        for one in busy:
            one.result()
    say(f"stops: all workers for {LONGER_THAN_THE_IDLE_SESSION_TIMEOUT} s, {others} for {BRIEFLY} s")
    say(f"stops: {meanwhile} submissions answered 201 meanwhile")
    say("stops: " + "; ".join(map(str, settled(house, load))))
    assert meanwhile > 0
