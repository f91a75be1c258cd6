"""A process dies, as by kill -9, at each point where something could be lost, doubled or invented."""

import pytest

from tests.conftest import Say
from tests.resilience.crash_points import POINTS
from tests.resilience.crashes import crash
from tests.resilience.migrating import killed_while_migrating
from tests.resilience.rotating import killed_while_rotating
from tests.resilience.servers import Ground

SHORT = 2


@pytest.mark.parametrize("point", POINTS)
def test_killed_there_nothing_is_lost_invented_doubled_or_out_of_order(
    servers_of_its_own: Ground, say: Say, point: str
) -> None:
    outcome = crash(servers_of_its_own, seed=3, point=point, times=SHORT)
    say(f"killed {outcome.times} times {point}: {outcome.verdict}")
    assert outcome.verdict.is_clean, outcome.verdict


def test_a_migration_killed_in_the_middle_is_run_again_and_the_log_has_every_event(
    servers_of_its_own: Ground, say: Say
) -> None:
    outcome = killed_while_migrating(servers_of_its_own, seed=3, times=3, events=500)
    say(f"killed {outcome.times} times during migration: {outcome.verdict}")
    assert outcome.verdict.is_clean, outcome.verdict


def test_events_sealed_with_the_old_key_and_the_new_are_read_whoever_dies_meanwhile(
    servers_of_its_own: Ground, say: Say
) -> None:
    outcome = killed_while_rotating(servers_of_its_own, seed=3, times=1)
    say(f"killed {outcome.times} times during key rotation: {outcome.verdict}")
    assert outcome.verdict.is_clean, outcome.verdict
