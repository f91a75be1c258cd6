"""The workflow as a table, without a database."""

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.dossier import DossierAccepted, DossierEvent, DossierRefused, WithdrawalDeclined
from contracts.event import Sealed
from services.dossier.model.dossier import Dossier, state_of
from services.dossier.model.drafts import draft
from services.dossier.model.history import Actor, Reason, ReceiptKey
from services.dossier.model.workflow import TABLE, WORKFLOW, diagram, parse
from tests.dossier.builders import MONDAY, A, procedure
from vocabulary.calendar import Calendar
from vocabulary.refusals import Conflict, Invalid, Refusal

CALENDAR = Calendar(holidays=frozenset({date(2026, 11, 24)}))
OFFICIAL = Actor("agency", uuid4(), A)
APPLICANT = Actor("applicant", uuid4())
WHY = Reason(b"protected", Sealed("k", "sealed"))
README = Path(__file__).parents[2] / "services" / "dossier" / "README.md"


def submitted() -> Dossier:
    begun = draft(uuid4(), uuid4(), procedure(), A, b"answers", MONDAY)
    begun.submit("H01-261123-0001", ReceiptKey(b"digest", b"key"), MONDAY, CALENDAR)
    return begun


def after(*actions: str) -> Dossier:
    dossier = submitted()
    for action in actions:
        act(dossier, action)
    return dossier


def act(dossier: Dossier, action: str, reason: Reason | None = WHY) -> DossierEvent:
    by = APPLICANT if action == "withdraw" else OFFICIAL
    return dossier.act(action, by, MONDAY, CALENDAR, reason)


def test_the_clock_starts_at_acceptance_and_counts_working_days_only() -> None:
    dossier = submitted()
    event = act(dossier, "accept", None)
    assert isinstance(event, DossierAccepted)
    assert event.status == dossier.status == 2
    # Monday; three working days from Wednesday, because Tuesday is a day off.
    assert event.due_at
    assert event.due_at == datetime.fromisoformat("2026-11-27T17:00:00+07:00")


def test_a_refusal_needs_a_reason_and_changes_nothing_without_one() -> None:
    dossier = submitted()
    with pytest.raises(Invalid) as refused:
        act(dossier, "refuse", None)
    assert refused.value.code == "reason-required"
    assert refused.value.faults[0].pointer == "/reason"
    assert (dossier.status, dossier.version, len(dossier.history)) == (1, 2, 1)
    event = act(dossier, "refuse")
    assert isinstance(event, DossierRefused)
    assert event.closed == "refused"
    assert event.reason == WHY.sealed


def test_what_the_workflow_does_not_allow_says_where_the_dossier_is() -> None:
    with pytest.raises(Conflict) as refused:
        act(after("refuse"), "accept")
    assert refused.value.detail.en.startswith("cannot accept a dossier that is 3 Không được tiếp nhận")
    assert "Không thể tiếp nhận hồ sơ đang ở trạng thái 3 Không được tiếp nhận" in refused.value.detail.vi


@pytest.mark.parametrize("action", ["request-supplement", "request-payment", "extend", "stop", "resume"])
def test_decisions_that_come_later_say_so(action: str) -> None:
    with pytest.raises(Invalid) as refused:
        act(submitted(), action)
    assert refused.value.code == "action-not-yet-available"


@pytest.mark.parametrize("action", ["withdraw", "submit", "supplement-lapsed", "acept", ""])
def test_what_is_no_decision_of_an_agency_is_unknown(action: str) -> None:
    with pytest.raises(Invalid) as refused:
        submitted().act(action, OFFICIAL, MONDAY, CALENDAR, WHY)
    assert refused.value.code == "action-unknown"


@pytest.mark.parametrize(("way", "before"), [((), 1), (("accept",), 2), (("accept", "forward"), 4)])
def test_a_declined_withdrawal_leads_back_where_it_came_from(way: tuple[str, ...], before: int) -> None:
    dossier = after(*way, "withdraw")
    assert dossier.status == 7
    assert dossier.outcome is None
    with pytest.raises(Invalid, match="reason-required"):
        act(dossier, "decline-withdrawal", None)
    event = act(dossier, "decline-withdrawal")
    assert isinstance(event, WithdrawalDeclined)
    assert dossier.status == event.status == before
    assert act(dossier, "withdraw").status == 7


def test_an_agreed_withdrawal_closes_the_dossier_for_good() -> None:
    dossier = after("withdraw", "close-withdrawal")
    assert (dossier.status, dossier.outcome, dossier.closed_at) == (7, "withdrawn", MONDAY)
    assert dossier.actions("agency") == dossier.actions("applicant") == []
    with pytest.raises(Conflict, match="and is closed"):
        act(dossier, "decline-withdrawal")


def test_the_whole_way_ends_with_the_result_handed_over() -> None:
    dossier = after("accept", "forward", "finish")
    assert (state_of(dossier.status, dossier.outcome), dossier.outcome) == ("completed", None)
    act(dossier, "hand-over")
    assert (dossier.status, dossier.outcome) == (10, "handed-over")
    assert [step.status for step in dossier.history] == [1, 2, 4, 9, 10]
    assert [step.version for step in dossier.history] == [2, 3, 4, 5, 6]


@given(st.lists(st.sampled_from([*WORKFLOW.actions, "nonsense"]), max_size=12), st.data())
def test_no_sequence_of_actions_makes_a_transition_that_is_not_declared(
    names: list[str], data: st.DataObject
) -> None:
    dossier = submitted()
    for name in names:
        before = (dossier.status, dossier.version, dossier.outcome, len(dossier.history))
        offered = [*dossier.actions("agency"), *dossier.actions("applicant")]
        by = data.draw(st.sampled_from([OFFICIAL, APPLICANT]))
        try:
            event = dossier.act(name, by, MONDAY, CALENDAR, data.draw(st.sampled_from([WHY, None])))
        except Refusal:
            assert before == (dossier.status, dossier.version, dossier.outcome, len(dossier.history))
            continue
        action = WORKFLOW.actions[name]
        assert name in offered
        assert action.by == by.side
        assert type(event) is action.event
        assert before[0] in action.sources
        assert before[2] is None
        assert dossier.status == action.to or (action.to, name) in {
            ("same", "close-withdrawal"),
            ("before", "decline-withdrawal"),
        }
        assert dossier.outcome == action.closes
        assert (dossier.closed_at is None) == (dossier.outcome is None)
        assert dossier.version == before[1] + 1 == event.version
        assert dossier.status == event.status
        assert dossier.history[-1].status == dossier.status
        assert len(dossier.history) == before[3] + 1


@given(st.lists(st.sampled_from(sorted(WORKFLOW.actions)), max_size=12))
def test_what_is_offered_is_what_works(names: list[str]) -> None:
    dossier = submitted()
    for name in names:
        if name in dossier.actions("agency") + dossier.actions("applicant"):
            act(dossier, name)
        else:
            with pytest.raises(Refusal):
                act(dossier, name)


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("code = 10", "code = 11", "the statuses are"),
        ("from = [1]", "from = [12]", "accept: unknown or no status"),
        ("from = [1]", "from = []", "accept: unknown or no status"),
        ('event = "DossierAccepted"', 'event = "DossierDropped"', "accept: an action has a known event"),
        ('event = "DossierAccepted"', "", "accept: an action has a known event"),
        ('event = "DossierAccepted"', 'event = "DossierRefused"', r"nothing causes \['DossierAccepted'\]"),
        ("from = [9]\nto = 10", "from = [9]\nto = 9", r"no way leads to \[10\]"),
        ('name = "refuse"', 'name = "accept"', "two actions have the same name"),
        ('by = "agency"', 'by = "anybody"', "accept: unknown side"),
        ('closes = "refused"', 'closes = "forgotten"', "refuse: unknown side or outcome"),
    ],
)
def test_a_table_that_does_not_hold_together_is_refused(right: str, wrong: str, complaint: str) -> None:
    table = TABLE.read_text(encoding="utf-8")
    assert right in table
    with pytest.raises(ValueError, match=complaint):
        parse(table.replace(right, wrong, 1))


def test_the_readme_draws_the_workflow_as_it_is() -> None:
    assert f"```mermaid\n{diagram(WORKFLOW)}\n```" in README.read_text(encoding="utf-8")


def test_due_dates_come_from_the_online_limit_or_there_is_none() -> None:
    limits = procedure().time_limits
    begun = draft(uuid4(), uuid4(), procedure(time_limits=limits[:1]), A, b"", MONDAY)
    begun.submit("H01-261123-0001", ReceiptKey(b"", b""), MONDAY, CALENDAR)
    assert act(begun, "accept").due_at is None
    assert begun.deadline == begun.answer_due_at
    assert not begun.deadline or begun.deadline > MONDAY + timedelta(hours=8)
