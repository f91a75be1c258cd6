"""What a queue or a database lacks is filled from the log while more is said."""

import pytest

from tests.conftest import Say
from tests.resilience.filling import back_fill
from tests.resilience.outages import binding_deleted, broker_is_wiped, queue_deleted
from tests.resilience.outcome import Experiment
from tests.resilience.restoring import read_in
from tests.resilience.servers import Ground

DISTURBED: dict[str, Experiment] = {
    "a broker whose data were deleted": broker_is_wiped,
    "a binding that was deleted behind our back": binding_deleted,
    "a queue that was deleted": queue_deleted,
}


@pytest.mark.parametrize("what", DISTURBED)
def test_under_load_it_is_made_again_and_nothing_is_missed(
    servers_of_its_own: Ground, say: Say, what: str
) -> None:
    outcome = DISTURBED[what](servers_of_its_own, seed=3, events=1000, part=1 / 3)
    say(f"{what} at a third of 1000 events: {outcome.verdict}")
    assert outcome.verdict.is_clean, outcome.verdict


def test_a_new_subscriber_gets_the_past_and_what_is_said_meanwhile(
    servers_of_its_own: Ground, say: Say
) -> None:
    outcome = back_fill(servers_of_its_own, seed=3, past=2000, meanwhile=500)
    say(f"a new subscriber, 2000 events back, 500 meanwhile: {outcome.verdict}; {dict(outcome.notes)}")
    assert outcome.verdict.is_clean, outcome.verdict


def test_a_subscriber_whose_database_was_read_in_from_a_dump_hears_again_what_it_lost(
    servers_of_its_own: Ground, say: Say
) -> None:
    outcome = read_in(servers_of_its_own, seed=3, events=100, seconds=3)
    say(f"a database read in from a dump of 3 s ago: {outcome.verdict}; {dict(outcome.notes)}")
    assert outcome.notes["events that the restored database lacked"] > 0
    assert outcome.verdict.is_clean, outcome.verdict
