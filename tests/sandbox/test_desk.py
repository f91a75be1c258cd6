import pytest

from sandbox.demo_agency.desk import REASON, decide


@pytest.mark.parametrize(
    ("possible", "action"),
    [
        (["accept", "refuse"], "accept"),
        (["forward", "finish"], "forward"),
        (["finish"], "finish"),
        (["hand-over"], "hand-over"),
        (["close-withdrawal", "decline-withdrawal"], "close-withdrawal"),
    ],
)
def test_a_dossier_goes_one_step_further(possible: list[str], action: str) -> None:
    assert decide({"actions": possible, "form": {"name": "An"}}) == {"action": action}


def test_what_is_closed_is_left_alone() -> None:
    assert decide({"actions": [], "form": {}}) is None


def test_who_writes_that_the_dossier_shall_be_refused_is_refused_with_a_reason() -> None:
    form = {"children": 2, "note": "Xin từ chối giúp tôi"}
    assert decide({"actions": ["accept", "refuse"], "form": form}) == {"action": "refuse", "reason": REASON}
    assert decide({"actions": ["finish"], "form": form}) == {"action": "finish"}
