"""The checker itself: it names each id that is lost, invented, doubled or out of order."""

import json
from pathlib import Path

from tests.resilience.checker import Announced, Applied, Verdict, judge
from tests.resilience.ledger import Ledger, Run
from tests.resilience.outcome import Outcome

SAID = [Announced("e1", "d1"), Announced("e2", "d2"), Announced("e3", "d3")]
DONE = ["d1", "d2", "d3"]
ALL = [Applied("e1", "an", 1), Applied("e2", "an", 2), Applied("e3", "ngoc", 1)]


def test_what_is_right_is_clean_and_its_n_is_said() -> None:
    verdict = judge(DONE, SAID, {"south": ALL, "east": ALL})
    assert verdict.is_clean
    assert str(verdict) == "lost 0, ghost 0, twice 0, out of order 0 of 6 (below 0.5)"


def test_a_deed_without_event_and_an_event_without_deed_are_found() -> None:
    assert judge([*DONE, "d4"], SAID, {}).lost == ["d4"]
    assert judge(DONE[:2], SAID, {}).ghost == ["d3"]


def test_an_event_that_one_subscriber_lacks_is_lost_though_another_has_it_twice() -> None:
    verdict = judge(DONE, SAID, {"south": ALL[:2], "east": [*ALL, ALL[2]]})
    assert verdict.lost == [("south", "e3")]
    assert verdict.twice == [("east", "e3")]
    assert not verdict.disordered


def test_what_nobody_announced_is_a_ghost() -> None:
    assert judge(DONE, SAID, {"south": [*ALL, Applied("e9", "an", 3)]}).ghost == [("south", "e9")]


def test_order_is_by_subject() -> None:
    first, second, other = ALL
    assert not judge(DONE, SAID, {"south": [other, first, second]}).disordered
    assert judge(DONE, SAID, {"south": [second, other, first]}).disordered == [("south", first)]


def test_a_run_that_is_in_the_ledger_is_done_and_one_that_broke_or_was_cut_off_is_not(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    done, broke = Run("crash", 1, {"times": 2}), Run("crash", 2, {"times": 2})
    ledger.record(done, Outcome(Verdict(6, lost=["e1"])), {"commit": "c"})
    ledger.record_error(broke, TimeoutError("no answer"), {"commit": "c"})
    with ledger.path.open("a") as file:
        file.write('{"experiment": "cra')
    assert ledger.done() == {done.key}
    ledger.record(broke, Outcome(Verdict(6)), {"commit": "c"})
    assert ledger.done() == {done.key, broke.key}
    assert [json.loads(line)["seed"] for line in ledger.path.read_text().splitlines()] == [1, 2, 2]
    assert ledger.entries()[0]["lost"] == 1
