import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chassis.testing import ServiceUnderTest
from contracts.dossier import (
    DossierAccepted,
    DossierFinished,
    DossierForwarded,
    DossierRefused,
    ResultHandedOver,
    WithdrawalClosed,
    WithdrawalDeclined,
    WithdrawalRequested,
)
from tests.dossier.builders import GOOD, A, B, Desk, Person, registered


def test_an_official_sees_everything_needed_to_decide(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    sut.hear(registered(sut, an.account, date_of_birth="1999-02-03"))
    seen = desk.read(an.submitted())
    assert seen["form"] == GOOD
    assert seen["layout"][0]["fields"][0]["label"] == "Họ và tên"
    assert [one["id"] for one in seen["documents"]] == ["id-card", "certificate", "photo"]
    assert [one["document"] for one in seen["files"]] == ["id-card"]
    assert seen["applicant"]["full_name"] == "Nguyễn Thị An"
    assert seen["applicant"]["date_of_birth"] == "1999-02-03"
    assert seen["actions"] == ["accept", "refuse"]
    assert seen["overdue"] is False
    assert [step["status"] for step in seen["history"]] == [1]


def test_a_businesss_dossier_shows_the_business_and_who_represents_it(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    human = {"full_name": "Nguyễn Văn An", "id_number": "001099000017", "date_of_birth": "1999-02-03"}
    song_hong = {"full_name": "Công ty TNHH Sông Hồng", "id_number": "0101010011", "representative": human}
    sut.hear(registered(sut, an.account, "business", **song_hong))
    assert desk.read(an.submitted())["applicant"] == {"phone": "0912000017", **song_hong}


def test_a_dossier_is_shown_before_the_profile_of_its_applicant_arrived(an: Person, desk: Desk) -> None:
    assert desk.read(an.submitted())["applicant"] is None


def test_the_whole_way_from_acceptance_to_hand_over(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    code = an.submitted()
    for action in ("accept", "forward", "finish", "hand-over"):
        answer = desk.decide(code, action)
        assert answer.status_code == 201, answer.json
    final: Any = answer.json
    assert final["status"] == 10
    assert final["closed"]["outcome"] == "handed-over"
    assert final["actions"] == []
    for kind in (DossierAccepted, DossierForwarded, DossierFinished, ResultHandedOver):
        (event,) = sut.announced(kind)
        assert event.code == code
        assert event.agency == A
        assert event.due_at is not None
    mine: Any = an.call("GET", f"/dossiers/{code}", Accept_Language="en").json
    assert [step["status_name"] for step in mine["history"]] == [
        "Submitted",
        "Accepted",
        "In progress",
        "Result ready",
        "Result handed over",
    ]
    assert [step["by_agency"] for step in mine["history"]] == [None, A, A, A, A]
    assert mine["history"][1]["by_agency_name"] == "Agency H01"
    assert mine["due_at"]
    assert mine["closed"]["outcome"] == "handed-over"
    assert mine["state"] == "completed"


def test_a_refusal_needs_a_reason_and_announces_nothing_without_one(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    code = an.submitted()
    for empty in (None, "   "):
        refused = desk.decide(code, "refuse", empty)
        assert refused.status_code == 422
        assert refused.json
        assert refused.json["code"] == "reason-required"
        assert [error["pointer"] for error in refused.json["errors"]] == ["/reason"]
    assert sut.announced(DossierRefused) == []
    assert desk.read(code)["status"] == 1
    assert desk.decide(code, "refuse", "Giấy tờ mờ, không đọc được.").status_code == 201
    (event,) = sut.announced(DossierRefused)
    assert event.closed == "refused"
    assert event.status == 3
    assert event.reason
    assert sut.unsealed(event.reason, "notify") == "Giấy tờ mờ, không đọc được."
    mine: Any = an.call("GET", f"/dossiers/{code}").json
    assert mine["history"][-1]["reason"] == "Giấy tờ mờ, không đọc được."
    assert mine["state"] == "closed"
    assert "Giấy tờ mờ" not in sut.everything_stored()


def test_what_belongs_to_later_decisions_is_refused_and_not_lost(an: Person, desk: Desk) -> None:
    code = an.submitted()
    body = {"action": "accept", "items": [], "amount": 1, "due_at": "2026-12-01T00:00:00Z", "result": "x"}
    answer: Any = desk.call("POST", f"/{code}/decisions", body, If_Match=f'"{desk.read(code)["version"]}"')
    assert answer.status_code == 422
    refused = {error["pointer"] for error in answer.json["errors"]}
    assert refused == {"/items", "/amount", "/due_at", "/result"}
    assert desk.read(code)["status"] == 1


@pytest.mark.parametrize("reason", ["x" * 2001, "\x00", "a\ud800"])
def test_a_reason_that_cannot_be_kept_or_read_is_refused(an: Person, desk: Desk, reason: str) -> None:
    code = an.submitted()
    headers = desk.headers | {
        "If-Match": f'"{desk.read(code)["version"]}"',
        "Content-Type": "application/json",
    }
    body = json.dumps({"action": "refuse", "reason": reason})
    answer = desk.sut.client.post(f"/api/v1/desk/dossiers/{code}/decisions", data=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json
    assert answer.json["code"] == "reason-unfit"


def test_a_decision_is_made_on_the_version_that_was_read(an: Person, desk: Desk) -> None:
    code = an.submitted()
    seen = desk.read(code)["version"]
    assert desk.call("POST", f"/{code}/decisions", {"action": "accept"}).status_code == 428
    assert desk.decide(code, "accept", version=seen + 1).status_code == 412
    assert desk.decide(code, "accept", version=seen).status_code == 201
    assert desk.decide(code, "refuse", "x", version=seen).status_code == 412
    assert desk.read(code)["status"] == 2


def test_what_the_workflow_does_not_allow_is_a_conflict_in_words(an: Person, desk: Desk) -> None:
    code = an.submitted()
    desk.decide(code, "refuse", "Thiếu chữ ký.")
    refused = desk.decide(code, "accept")
    assert refused.status_code == 409
    assert refused.json
    assert refused.json["detail"].startswith(
        "Không thể tiếp nhận hồ sơ đang ở trạng thái 3 Không được tiếp nhận"
    )


def test_a_decision_that_comes_later_says_so_and_an_unknown_one_too(an: Person, desk: Desk) -> None:
    code = an.submitted()
    for action, told in (("request-supplement", "action-not-yet-available"), ("acept", "action-unknown")):
        refused = desk.decide(code, action, "x")
        assert refused.status_code == 422
        assert refused.json
        assert refused.json["code"] == told


def test_an_agency_sees_only_its_own(an: Person, desk: Desk, other_desk: Desk) -> None:
    ours, theirs = an.submitted(A), an.submitted(B)
    assert other_desk.call("GET", f"/{ours}").status_code == 404
    refused = other_desk.call("POST", f"/{ours}/decisions", {"action": "accept"}, If_Match='"3"')
    assert refused.status_code == 404
    assert [item["code"] for item in other_desk.call("GET", "").json["items"]] == [theirs]  # type: ignore[index]
    assert [item["code"] for item in desk.call("GET", "").json["items"]] == [ours]  # type: ignore[index]
    assert desk.read(ours)["status"] == 1


def test_a_back_office_uses_the_same_desk_and_a_citizen_does_not(sut: ServiceUnderTest, an: Person) -> None:
    code = an.submitted()
    back_office = Desk(sut, sut.as_agency(A))
    assert back_office.decide(code, "accept").status_code == 201
    assert Desk(sut, an.headers).call("GET", f"/{code}").status_code == 403


def test_the_list_puts_first_what_is_due_first(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    first, second, third = (an.submitted() for _ in range(3))
    desk.decide(first, "accept")  # due on Friday, the others are to be answered on Wednesday
    page: Any = desk.call("GET", "?limit=2").json
    assert [item["code"] for item in page["items"]] == [second, third]
    rest: Any = desk.call("GET", f"?limit=2&cursor={page['next_cursor']}").json
    assert [item["code"] for item in rest["items"]] == [first]
    assert rest["next_cursor"] is None
    assert desk.call("GET", "?cursor=nonsense").status_code == 400
    assert desk.call("GET", "?status=11").status_code == 422


def test_the_list_can_be_narrowed_by_status_and_by_being_late(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    waiting, accepted, refused, done = (an.submitted() for _ in range(4))
    desk.decide(accepted, "accept")
    desk.decide(refused, "refuse", "Thiếu chữ ký.")
    for action in ("accept", "finish"):
        desk.decide(done, action)

    def codes(query: str) -> set[str]:
        found: Any = desk.call("GET", query).json
        return {item["code"] for item in found["items"]}

    assert codes("") == {waiting, accepted, done}
    assert codes("?status=3") == {refused}
    assert codes("?status=1&status=2") == {waiting, accepted}
    assert codes("?overdue=true") == set()
    sut.clock.move(timedelta(days=3))
    desk.headers = sut.as_official(A)
    assert codes("?overdue=true") == {waiting}
    assert codes("?overdue=false") == {accepted, done}
    assert desk.read(waiting)["overdue"] is True
    sut.clock.move(timedelta(days=3))
    desk.headers = sut.as_official(A)
    assert codes("?overdue=true") == {waiting, accepted}


def test_a_withdrawal_is_asked_for_and_agreed(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    code = an.submitted()
    asked = an.call("POST", f"/dossiers/{code}/withdrawal", {"reason": "Tôi nộp nhầm cơ quan."})
    assert asked.status_code == 201
    assert asked.json
    assert asked.json["status"] == 7
    assert an.call("POST", f"/dossiers/{code}/withdrawal", {}).status_code == 409
    assert desk.read(code)["actions"] == ["close-withdrawal", "decline-withdrawal"]
    assert desk.read(code)["history"][-1]["reason"] == "Tôi nộp nhầm cơ quan."
    assert desk.decide(code, "close-withdrawal").status_code == 201
    (requested,) = sut.announced(WithdrawalRequested)
    (closed,) = sut.announced(WithdrawalClosed)
    assert requested.closed is None
    assert closed.closed == "withdrawn"
    assert an.call("GET", f"/dossiers/{code}").json["state"] == "closed"  # type: ignore[index]


def test_a_declined_withdrawal_puts_the_dossier_back(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    code = an.submitted()
    desk.decide(code, "accept")
    an.call("POST", f"/dossiers/{code}/withdrawal", {})
    assert desk.decide(code, "decline-withdrawal").status_code == 422
    assert desk.decide(code, "decline-withdrawal", "Kết quả đã ký.").status_code == 201
    (event,) = sut.announced(WithdrawalDeclined)
    assert event.status == 2
    assert desk.read(code)["status"] == 2


def test_a_draft_or_anothers_dossier_cannot_be_withdrawn(sut: ServiceUnderTest, an: Person) -> None:
    assert an.call("POST", f"/dossiers/{an.ready()}/withdrawal", {}).status_code == 409
    assert Person.new(sut).call("POST", f"/dossiers/{an.submitted()}/withdrawal", {}).status_code == 404


def test_two_decisions_at_once_are_one(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    code = an.submitted()
    seen = desk.read(code)["version"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: desk.decide(code, "accept", version=seen).status_code, range(8)))
    assert sorted(answers) == [201] + [412] * 7
    assert len(sut.announced(DossierAccepted)) == 1
