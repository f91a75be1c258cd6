"""Decisions that a back office sends over AMQP, and the copies of what others publish."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import select

from chassis.consumer import Consumer
from chassis.handling import Handler
from chassis.testing import ServiceUnderTest, delivery
from contracts.agency import Decision
from contracts.dossier import DecisionApplied, DecisionRejected, DossierAccepted, DossierRefused
from contracts.event import Name
from services.dossier import reactions
from services.dossier.tables import agencies, refused_decisions
from tests.dossier.builders import A, B, Desk, Person, agency, registered
from vocabulary.codes import agency_account

FROM_A, FROM_B = agency_account(A), agency_account(B)


def decision(code: str, action: str = "accept", version: int = 3, **more: Any) -> Decision:
    facts: dict[str, Any] = {
        "decision_id": uuid4(),
        "code": code,
        "action": action,
        "expected_version": version,
    }
    return Decision(**facts | more)


def refused(sut: ServiceUnderTest) -> list[Any]:
    with sut.units() as uow:
        return list(uow.session.execute(select(refused_decisions)).all())


def test_a_decision_is_applied_and_its_sender_told(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    code = an.submitted()
    sent = decision(code)
    sut.hear(sent, user=FROM_A)
    assert desk.read(code)["status"] == 2
    (accepted,) = sut.announced(DossierAccepted)
    (told,) = sut.announced(DecisionApplied)
    assert told.decision_id == sent.decision_id
    assert told.agency == A
    assert told.version == accepted.version == 4
    assert an.call("GET", f"/dossiers/{code}").json["history"][-1]["by_agency"] == A  # type: ignore[index]


def test_another_agencys_decision_is_rejected_to_the_one_who_sent_it(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    code = an.submitted(A)
    sut.hear(decision(code), user=FROM_B)
    (told,) = sut.announced(DecisionRejected)
    assert told.agency == B
    assert told.problem == "dossier-not-found"
    assert desk.read(code)["status"] == 1
    assert sut.announced(DecisionApplied) == []


def test_a_decision_nobody_vouches_for_is_recorded_and_told_to_nobody(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    code = an.submitted()
    for user in (None, "agency-H99", "motcua", A):
        sut.hear(decision(code, action="acc\x00ept" + "t" * 200), user=user)
    assert sut.announced(DecisionRejected) == []
    assert sut.announced(DecisionApplied) == []
    assert desk.read(code)["status"] == 1
    assert [(row.account, row.agency, row.problem) for row in refused(sut)] == [
        (None, None, "sender-unknown"),
        ("agency-H99", None, "sender-unknown"),
        ("motcua", None, "sender-unknown"),
        (A, None, "sender-unknown"),
    ]


def test_each_reason_to_refuse_is_told_by_its_code_and_changes_nothing(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    code = an.submitted()
    for wrong in (
        decision(code, version=9),
        decision(code, "refuse"),
        decision(code, "finish"),
        decision(code, "request-payment"),
        decision(code, "approve"),
        decision("H01-261123-0999"),
        decision("nonsense"),
        decision(code, "refuse", reason="\x00"),
    ):
        sut.hear(wrong, user=FROM_A)
    assert [told.problem for told in sut.announced(DecisionRejected)] == [
        "changed-meanwhile",
        "reason-required",
        "action-not-possible",
        "action-not-yet-available",
        "action-unknown",
        "dossier-not-found",
        "dossier-not-found",
        "reason-unfit",
    ]
    assert {told.agency for told in sut.announced(DecisionRejected)} == {A}
    assert len(refused(sut)) == 8
    assert desk.read(code)["version"] == 3
    assert sut.announced(DossierRefused) == []


def test_a_decision_delivered_twice_is_applied_once(sut: ServiceUnderTest, an: Person) -> None:
    handler = Handler("decide", Decision, reactions.decide)
    delivered = delivery(decision(an.submitted()), sut.clock.now, user=FROM_A)
    for batch in ([delivered], [delivered, delivered]):
        Consumer("dossier", [handler], sut.units).handle(batch)
    assert len(sut.announced(DecisionApplied)) == len(sut.announced(DossierAccepted)) == 1
    assert sut.announced(DecisionRejected) == []


def test_a_decision_sent_again_in_a_new_message_is_answered_again_and_not_applied_again(
    sut: ServiceUnderTest, an: Person
) -> None:
    sent = decision(an.submitted())
    sut.hear(sent, user=FROM_A)
    sut.hear(sent, user=FROM_A)
    assert [told.version for told in sut.announced(DecisionApplied)] == [4, 4]
    assert len(sut.announced(DossierAccepted)) == 1
    assert sut.announced(DecisionRejected) == []


def test_another_decision_under_a_used_id_is_rejected(sut: ServiceUnderTest, an: Person) -> None:
    code = an.submitted()
    first = decision(code)
    sut.hear(first, user=FROM_A)
    sut.hear(msgspec.structs.replace(first, action="finish", expected_version=4), user=FROM_A)
    assert [told.problem for told in sut.announced(DecisionRejected)] == ["decision-id-used"]
    assert len(sut.announced(DecisionApplied)) == 1


def test_one_refused_decision_in_a_batch_leaves_the_others_alone(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    codes = [an.submitted() for _ in range(3)]
    sent = [decision(codes[0]), decision(codes[1], "finish"), decision(codes[2])]
    batch = [delivery(one, sut.clock.now, user=FROM_A) for one in sent]
    Consumer("dossier", [Handler("decide", Decision, reactions.decide)], sut.units).handle(batch)
    assert [desk.read(code)["status"] for code in codes] == [2, 1, 2]
    assert [told.decision_id for told in sut.announced(DecisionRejected)] == [sent[1].decision_id]


def test_a_late_or_repeated_publication_changes_nothing(sut: ServiceUnderTest) -> None:
    newer = agency("H20.1")
    renamed = type(newer)(code="H20.1", name=Name("Tên mới", "New name"), level="commune")
    for event, sequence in ((renamed, 2), (renamed, 2), (newer, 1)):
        sut.hear(event, sequence=sequence)
    with sut.units() as uow:
        row = uow.session.execute(select(agencies).where(agencies.c.code == "H20.1")).one()
    assert (row.name, row.account) == (Name("Tên mới", "New name"), "agency-H20_1")


def test_a_profile_is_kept_once_and_not_in_clear(sut: ServiceUnderTest) -> None:
    account = UUID(int=7)
    for _ in range(2):
        sut.hear(registered(sut, account))
    assert "001199000017" not in sut.everything_stored()
