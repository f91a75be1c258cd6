"""The broker or a subscriber goes away under load, and comes back."""

from tests.conftest import Say
from tests.resilience.outages import broker_restarts, subscriber_down
from tests.resilience.servers import Ground


def test_a_broker_killed_at_a_third_of_the_events_and_started_again_loses_none(
    servers_of_its_own: Ground, say: Say
) -> None:
    outcome = broker_restarts(servers_of_its_own, seed=3, events=1000, part=1 / 3)
    say(f"broker killed at a third of 1000 events: {outcome.verdict}")
    assert outcome.verdict.is_clean, outcome.verdict


def test_a_subscriber_that_was_down_gets_all_it_missed(servers_of_its_own: Ground, say: Say) -> None:
    outcome = subscriber_down(servers_of_its_own, seed=3, seconds=5, rate=25)
    say(f"a subscriber down for 5 s at 25 events/s: {outcome.verdict}; {dict(outcome.notes)}")
    assert outcome.verdict.is_clean, outcome.verdict
    assert outcome.notes["missed"] > 50
