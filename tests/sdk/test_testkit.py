"""The kit says nothing against right consumers, and names what is wrong with wrong ones, and only that.

Each wrong one meets the plays in which it shows; MOTCUA_KIT_PLAYS=all has everybody meet all of them.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from motcua_agency.testkit import FAULTS, PLAYS, Report, run
from tests.architecture.source import ROOT

AT_ONCE = 4
PATIENCE_SECONDS = 10.0
CONSUMERS = ROOT / "tests" / "sdk" / "consumers"
RIGHT = ("office", "on_the_sdk")
# Which consumer, in which plays, is found to be what.
WRONG: dict[str, tuple[str, set[str]]] = {
    "acks_first": ("golden order", {"acknowledges-before-applying"}),
    "acks_all": ("golden", {"acknowledges-too-many"}),
    "acks_by_the_broker": ("golden", {"acknowledges-automatically"}),
    "keeps_no_ids": ("duplicates", {"applies-twice"}),
    "keeps_ids_in_memory": ("duplicates killed", {"forgets-when-restarted"}),
    "keeps_dossiers": ("golden killed unknown-fields", {"deduplicates-by-dossier"}),
    "dies_on_poison": ("poison", {"dies-on-poison"}),
    "requeues_poison": ("poison", {"requeues-poison"}),
    "requeues_unknown_types": ("poison", {"requeues-unknown-types"}),
    "waits_behind_poison": ("golden poison", {"stops-at-poison"}),
    "refuses_new_fields": ("golden unknown-fields", {"refuses-unknown-fields"}),
    "handles_at_once": ("golden gap", {"out-of-order"}),
    "never_reconnects": ("late-broker cut-before-ack", {"does-not-reconnect"}),
    "gives_up_at_start": ("late-broker outage", {"gives-up-at-start"}),
    "has_no_heartbeat": ("golden", {"no-heartbeat"}),
    "keeps_no_position": ("gap", {"misses-a-gap"}),
    "forgets_its_position": ("gap-across-a-restart", {"misses-a-gap"}),
    "takes_repeats_for_gaps": ("golden duplicates", {"reports-a-gap-that-is-none"}),
    "decides_unconfirmed": ("decision-lost", {"decides-without-confirms", "loses-a-decision"}),
    "makes_new_ids": ("decided confirm-lost", {"new-decision-id-on-retry"}),
    "is_not_mandatory": ("decided", {"not-mandatory", "no-user-id"}),
    "sends_nonsense": ("decided", {"unreadable-decision"}),
    "expects_any_version": ("decided", {"wrong-expected-version"}),
    "believes_every_answer": ("decided rejected", {"takes-a-rejection-for-success"}),
    "reads_no_answers": ("decided rejected", {"overlooks-an-outcome", "overlooks-a-rejection"}),
}


def plays_for(name: str) -> list[str]:
    everything = name in RIGHT or os.environ.get("MOTCUA_KIT_PLAYS") == "all"
    return list(PLAYS) if everything else WRONG[name][0].split()


@pytest.fixture(scope="module")
def reports(virtual_host: str) -> Iterator[dict[str, Future[Report]]]:
    """By consumer. They play while others are being looked at."""

    def play(name: str) -> Report:
        command = [sys.executable, "-m", f"tests.sdk.consumers.{name}"]
        return run(virtual_host, command, plays_for(name), PATIENCE_SECONDS)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(play, name) for name in (*RIGHT, *WRONG)}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_said_against_a_right_consumer(reports: dict[str, Future[Report]], name: str) -> None:
    assert reports[name].result().faults == []


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_evidence(reports: dict[str, Future[Report]], name: str) -> None:
    report = reports[name].result()
    assert WRONG[name][1] <= report.names
    if report.plays != list(PLAYS):
        assert report.names == WRONG[name][1], report.faults
    for fault in report.faults:
        assert fault.evidence
        assert fault.explanation == FAULTS[fault.name]


def test_every_wrong_consumer_is_played_against() -> None:
    assert {path.stem for path in CONSUMERS.glob("*.py")} == {*RIGHT, *WRONG}


def test_every_fault_but_the_plainest_has_a_consumer_that_has_it() -> None:
    """Left out: nothing at all happens."""
    shown = set().union(*(names for _, names in WRONG.values()))
    assert set(FAULTS) - shown == {"does-not-consume", "loses-events", "does-not-decide"}
