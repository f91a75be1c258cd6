"""Processes that stop and wake, and links that are slow, silent or cut."""

import pytest

from tests.conftest import Say
from tests.resilience.network import LINKS, bad_links
from tests.resilience.servers import Ground
from tests.resilience.stopped import GOES_ON, stopped

LONGER_THAN_THE_IDLE_SESSION_TIMEOUT = 17


def test_a_relay_that_was_stopped_and_wakes_after_another_took_over_does_no_harm(
    servers_of_its_own: Ground, say: Say
) -> None:
    outcome = stopped(servers_of_its_own, 3, "north", LONGER_THAN_THE_IDLE_SESSION_TIMEOUT, rate=25)
    say(f"a relay stopped for 17 s: {outcome.verdict}; {dict(outcome.notes)}")
    assert outcome.notes["applied while it was stopped"] > GOES_ON, "nobody took over"
    assert outcome.verdict.is_clean, outcome.verdict


@pytest.mark.parametrize("link", LINKS)
def test_links_that_are_slow_silent_or_cut_lose_nothing(
    servers_of_its_own: Ground, say: Say, link: str
) -> None:
    outcome = bad_links(servers_of_its_own, 3, link, seconds=6)
    say(f"bad links to the {link}: {outcome.verdict}; {outcome.times} broken, {dict(outcome.notes)}")
    assert outcome.notes["connections, each with a fault"] > 0
    assert outcome.verdict.is_clean, outcome.verdict
