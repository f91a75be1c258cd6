from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from chassis.testing import ServiceUnderTest
from contracts.catalog import CalendarPublished, DayOff
from contracts.dossier import DossierSubmitted
from contracts.event import Name
from tests.dossier.builders import GOOD, A, B, Person
from tests.dossier.test_drafts import pointers


def test_a_submission_gets_a_code_a_receipt_and_the_hour_it_is_answered_by(
    sut: ServiceUnderTest, an: Person
) -> None:
    draft = an.ready()
    answer = an.submit(draft)
    sent: Any = answer.json
    assert answer.status_code == 201
    assert sent["code"] == "H01-261123-0001"
    assert sent["status"] == 1
    assert sent["status_name"] == "Mới đăng ký"
    # Monday 9:00, eight working hours; Tuesday the 24th is a day off.
    assert sent["answer_due_at"] == "2026-11-25T09:00:00+07:00"
    receipt = sent["receipt"]
    assert receipt["url"].endswith(f"/tracking/H01-261123-0001?key={receipt['key']}")
    assert [file["name"] for file in receipt["files"]] == ["the.pdf"]
    (event,) = sut.announced(DossierSubmitted)
    assert event.code == sent["code"]
    assert event.applicant == an.account
    assert event.status == 1
    assert event.agency == A
    assert event.procedure_name.en == "Marital status certificate"
    assert event.answer_due_at.isoformat() == sent["answer_due_at"]


def test_everything_missing_is_told_at_once_and_nothing_happens(sut: ServiceUnderTest, an: Person) -> None:
    draft = an.begin({"married": "yes", "phone": "0912000017"})["id"]
    refused = an.submit(draft)
    assert refused.status_code == 422
    assert pointers(refused.json) == {
        "/form/full_name",
        "/form/id_number",
        "/form/date_of_birth",
        "/form/spouse",
        "/documents/id-card",
        "/documents/certificate",
    }
    assert sut.announced(DossierSubmitted) == []
    assert an.call("GET", f"/dossiers/{draft}").json["state"] == "draft"  # type: ignore[index]


def test_answers_that_other_answers_have_hidden_are_not_sent(an: Person) -> None:
    hidden = GOOD | {"spouse": "Trần Văn Bình", "spouse_email": "binh@example.vn"}
    draft = an.begin(hidden)
    an.upload(draft["id"])
    code = an.submit(draft["id"]).json["code"]  # type: ignore[index]
    assert an.call("GET", f"/dossiers/{code}").json["form"] == GOOD  # type: ignore[index]


def test_after_submission_nothing_of_it_can_be_changed(an: Person) -> None:
    draft = an.ready()
    file = an.call("GET", f"/dossiers/{draft}").json["files"][0]["id"]  # type: ignore[index]
    code = an.submit(draft).json["code"]  # type: ignore[index]
    for refused in (
        an.call("PUT", f"/dossiers/{draft}/form", {}, If_Match='"3"'),
        an.upload(draft),
        an.call("DELETE", f"/dossiers/{draft}/files/{file}"),
        an.call("DELETE", f"/dossiers/{draft}"),
        an.submit(draft),
    ):
        assert refused.status_code == 409
        assert refused.json
        assert refused.json["code"] == "already-submitted"
        assert code in refused.json["detail"]
    found = an.call("GET", f"/dossiers/{draft}").json
    assert found
    assert found["code"] == code
    assert found["state"] == "in-progress"


def test_a_submission_needs_an_idempotency_key(an: Person) -> None:
    assert an.call("POST", f"/dossiers/{an.ready()}/submission").status_code == 400


def test_the_same_submission_again_is_the_same_dossier(sut: ServiceUnderTest, an: Person) -> None:
    draft = an.ready()
    assert an.submit(draft, "k").json == an.submit(draft, "k").json
    assert len(sut.announced(DossierSubmitted)) == 1


def test_one_key_sent_many_times_at_once_makes_one_dossier(sut: ServiceUnderTest, an: Person) -> None:
    draft = an.ready()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: an.submit(draft, "k"), range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["code"] for answer in answers if answer.status_code == 201 and answer.json}) == 1
    assert len(sut.announced(DossierSubmitted)) == 1


def test_many_keys_for_one_draft_at_once_make_one_dossier(sut: ServiceUnderTest, an: Person) -> None:
    draft = an.ready()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: an.submit(draft).status_code, range(8)))
    assert sorted(answers) == [201] + [409] * 7
    assert len(sut.announced(DossierSubmitted)) == 1


def test_32_submissions_at_once_are_numbered_without_gap_or_double(sut: ServiceUnderTest) -> None:
    people = [Person.new(sut) for _ in range(32)]
    ready = [(person, person.ready()) for person in people]
    incomplete = [(person, person.begin({})["id"]) for person in people[:8]]
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda one: one[0].submit(one[1]), ready + incomplete))
    codes = sorted(answer.json["code"] for answer in answers if answer.status_code == 201 and answer.json)
    assert codes == [f"H01-261123-{n:04d}" for n in range(1, 33)]
    assert sorted(event.code for event in sut.announced(DossierSubmitted)) == codes


def test_numbers_count_per_agency_and_vietnamese_day(sut: ServiceUnderTest, an: Person) -> None:
    assert an.submitted(B) == "H55.242-261123-0001"
    assert an.submitted(A) == "H01-261123-0001"
    sut.clock.move(timedelta(hours=14, minutes=59))  # 23:59 in Viet Nam
    an.headers = sut.as_citizen(an.account)
    assert an.submitted(A) == "H01-261123-0002"
    sut.clock.move(timedelta(minutes=1))
    assert an.submitted(A) == "H01-261124-0001"


def test_the_administrators_calendar_moves_the_hour_of_the_answer(sut: ServiceUnderTest, an: Person) -> None:
    worked = DayOff(sut.clock.now.date() + timedelta(days=1), worked=True, reason=Name("Làm bù", "Worked"))
    sut.hear(CalendarPublished(year=2026, days=[worked]), sequence=2)
    sut.hear(CalendarPublished(year=2026, days=[]), sequence=1)
    sent: Any = an.submit(an.ready()).json
    assert sent["answer_due_at"] == "2026-11-24T09:00:00+07:00"
