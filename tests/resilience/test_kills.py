"""Processes are killed with -9 under load, one a run, at a random moment, and started again.

Whatever was answered must be there, once, wherever it must have come. Ids are compared, not counts.
Each of the 13 roles is killed once, then each again, and so on. MOTCUA_KILLS sets how many runs,
MOTCUA_SEED repeats a run.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests import servers
from tests.conftest import Say, running
from tests.resilience.accounts import Compared, compare
from tests.resilience.house import House, in_turn
from tests.resilience.load import CLIENTS, CONNECTED, Load, prepared
from tests.resilience.office import Office
from tests.system.portal import eventually, running_portal

RUNS = int(os.environ.get("MOTCUA_KILLS", "13"))
SEED = int(os.environ.get("MOTCUA_SEED", str(random.SystemRandom().randrange(10**6))))
LOAD_SECONDS = 3.0


@pytest.fixture
def house(tmp_path: Path, say: Say) -> Iterator[House]:
    """Servers of its own, since they are killed; the database writes as in production."""
    database, broker, office = servers.postgres(as_in_production=True), servers.rabbitmq(), Office(CONNECTED)
    with running(database, say), running(broker, say):  # noqa: SIM117 - the portal needs their URLs
        with running_portal(tmp_path, database.url, broker.url, broker.management_url) as portal:
            house = House(portal, database, broker, office)
            careful = [house.rows("dossier", f"SHOW {name}") for name in ("fsync", "full_page_writes")]
            assert careful == [[("on",)], [("on",)]]
            office.open(portal)
            yield house
            office.close()


def settled(house: House, load: Load) -> list[Compared]:
    """The comparison once all is quiet, or when it has had its time; nothing may be wrong."""
    house.portal.wait_until_ready()
    with suppress(AssertionError):
        eventually(house.is_quiet, within=90)
    compared = compare(house, load)
    assert not any(one.wrong for one in compared), [
        (str(one), one.wrong[:5]) for one in compared if one.wrong
    ]
    return compared


@pytest.mark.timeout(3600)
def test_whatever_is_killed_all_that_was_answered_is_there_once_wherever_it_must_be(
    house: House, say: Say
) -> None:
    dice = random.Random(SEED)
    load, turns = prepared(house.portal), in_turn(dice, house.all_victims())
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
