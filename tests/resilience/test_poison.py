"""One per cent of messages that cannot be handled, of every kind."""

from tests.conftest import Say
from tests.resilience.killers import killer
from tests.resilience.poison import HARMS, RAW, UNKNOWN, poison
from tests.resilience.servers import Ground

KINDS = [*RAW, *HARMS]


def test_poison_of_every_kind_is_kept_with_its_reason_and_the_good_ones_pass(
    servers_of_its_own: Ground, say: Say
) -> None:
    outcome = poison(servers_of_its_own, seed=3, events=1000, share=0.02, pause=0, kinds=KINDS)
    say(f"poison: {outcome.verdict}; {dict(outcome.notes)}")
    assert outcome.notes["kinds"] == len(KINDS) >= 10
    assert outcome.verdict.is_clean, outcome.verdict.lost


def test_an_event_of_a_type_that_nobody_handles_is_kept(servers_of_its_own: Ground) -> None:
    outcome = poison(servers_of_its_own, seed=3, events=20, share=0.05, pause=0, kinds=[UNKNOWN])
    assert outcome.verdict.is_clean, outcome.verdict.lost


def test_a_message_that_kills_whoever_takes_it_is_put_away_alone(
    servers_of_its_own: Ground, say: Say
) -> None:
    outcome = killer(servers_of_its_own, seed=3, events=100)
    say(f"a killer among 100: {outcome.verdict}; {dict(outcome.notes)}")
    assert outcome.verdict.is_clean, outcome.verdict
