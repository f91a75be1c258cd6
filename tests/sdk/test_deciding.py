"""Decisions over AMQP, on a real broker, and what becomes of them."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from motcua_agency import (
    DecisionRejectedError,
    Event,
    Outcome,
    OutcomeTimeoutError,
    UnconfirmedError,
    UnroutableError,
)
from tests.sdk.broker import DOSSIER, Broker, Memory, broker
from tests.system.portal import eventually


@pytest.fixture
def portal(virtual_host: str) -> Iterator[Broker]:
    with broker(virtual_host) as made:
        yield made


def ignore(_event: Event) -> None:
    pass


def test_an_applied_decision_tells_the_dossiers_new_version(portal: Broker) -> None:
    with portal.agency(Memory()).consuming(ignore) as agency:
        assert agency.decide(DOSSIER, "accept", 4).wait() == 5
    (taken,) = portal.portal.taken
    assert (taken.code, taken.action, taken.expected_version) == (DOSSIER, "accept", 4)
    assert taken.user_id == urlsplit(portal.url).username
    assert [s.frame.fields()["mandatory"] for s in portal.spoken if s.frame.name == "publish"] == [True]


def test_a_rejected_decision_raises_the_problem(portal: Broker) -> None:
    portal.portal.answer = "rejected"
    with portal.agency(Memory()).consuming(ignore) as agency:
        sent = agency.decide(DOSSIER, "accept", 4)
        with pytest.raises(DecisionRejectedError) as rejected:
            sent.wait()
    assert rejected.value.code == "changed-meanwhile"
    assert rejected.value.detail.keys() == {"vi", "en"}
    assert rejected.value.decision_id == sent.decision_id


def test_the_handler_hears_the_outcome_too(portal: Broker) -> None:
    heard: list[Event] = []
    with portal.agency(Memory()).consuming(heard.append) as agency:
        id = uuid4()
        agency.decide(DOSSIER, "refuse", 4, "Thiếu giấy tờ", decision_id=id).wait()
        eventually(lambda: heard)
    assert Outcome.of(heard[0]) == Outcome(str(id), DOSSIER, version=5)
    assert portal.portal.taken[0].decision_id == str(id)


def test_the_same_decision_has_the_same_id_for_ever_and_another_has_another(portal: Broker) -> None:
    agency = portal.agency()
    wanted = [("accept", 1, None), ("accept", 2, None), ("refuse", 1, "a"), ("refuse", 1, "b")]
    first = [agency.decide(DOSSIER, *one).decision_id for one in wanted]
    again = [agency.decide(DOSSIER, *one).decision_id for one in wanted]
    agency.close()
    assert first == again
    assert len(set(first)) == len(wanted)
    assert agency.decide(DOSSIER, "accept", 1).decision_id == "6f8faaa7-9d91-5017-a68f-4855b7922848"
    agency.close()


@pytest.mark.parametrize(("name", "from_consumer"), [("publish", True), ("ack", False)])
def test_a_decision_cut_off_is_sent_again_under_its_id(
    portal: Broker, name: str, from_consumer: bool
) -> None:
    portal.at_the(name, times=2, from_consumer=from_consumer)
    agency = portal.agency()
    sent = agency.decide(DOSSIER, "accept", 1)
    agency.close()
    eventually(lambda: portal.portal.taken)
    assert {taken.decision_id for taken in portal.portal.taken} == {sent.decision_id}
    assert portal.said("publish") == 3


def test_a_decision_nobody_would_get_is_not_called_sent(portal: Broker) -> None:
    channel = portal.portal._channel
    channel.queue_unbind(portal.portal.decisions_queue, "motcua.decisions", "#")
    channel.queue_unbind(portal.portal.decisions_queue, "motcua.decisions", f"{portal.portal.key}.decision")
    agency = portal.agency()
    with pytest.raises(UnroutableError):
        agency.decide(DOSSIER, "accept", 1)
    agency.close()


def test_without_a_broker_the_decision_is_unconfirmed_in_time(portal: Broker) -> None:
    portal.proxy.refuse()
    agency = portal.agency()
    with pytest.raises(UnconfirmedError):
        agency.decide(DOSSIER, "accept", 1, timeout=1.5)
    agency.close()


def test_a_broker_that_never_confirms_does_not_hold_the_caller_for_ever(
    portal: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motcua_agency.decisions.ONE_TRY_SECONDS", 0.5)
    portal.at_the("ack", times=3, from_consumer=False, action="drop")
    agency = portal.agency()
    agency.decide(DOSSIER, "accept", 1, timeout=20)
    agency.close()
    assert portal.said("publish") == 4


def test_an_outcome_that_does_not_come_is_a_time_out(portal: Broker) -> None:
    agency = portal.agency()
    sent = agency.decide(DOSSIER, "accept", 1)
    with pytest.raises(OutcomeTimeoutError):
        sent.wait(0.3)
    agency.close()


def test_a_handler_may_decide_but_not_wait_for_the_outcome(portal: Broker) -> None:
    said: list[object] = []
    agency = portal.agency(Memory())

    def handle(event: Event) -> None:
        if event.type == "motcua.dossier.submitted.v1":
            sent = agency.decide(DOSSIER, "accept", event.data["version"])
            with pytest.raises(RuntimeError, match="comes as an event"):
                sent.wait()
            said.append(UUID(sent.decision_id))
        else:
            said.append(event.data["decision_id"])

    portal.tell(3)
    with agency.consuming(handle):
        eventually(lambda: len(said) == 2)
    assert str(said[0]) == said[1]


def test_who_waits_gets_the_answer_to_the_last_send(portal: Broker) -> None:
    portal.portal.answer = "rejected"
    with portal.agency(Memory()).consuming(ignore) as agency:
        first = agency.decide(DOSSIER, "accept", 1)
        with pytest.raises(DecisionRejectedError):
            first.wait()
        portal.portal.answer = "applied"
        assert agency.decide(DOSSIER, "accept", 1).wait() == 2
