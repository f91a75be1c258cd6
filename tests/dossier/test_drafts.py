from typing import Any

import pytest

from chassis.testing import ServiceUnderTest
from contracts.catalog import Form
from tests.dossier.builders import GOOD, SCHEMA, A, Person, procedure, registered


def pointers(problem: Any) -> set[str]:
    return {error["pointer"] for error in problem["errors"]}


def test_a_draft_starts_with_what_is_answered_and_says_what_is_missing(an: Person) -> None:
    answer = an.call("POST", "/dossiers", {"procedure": "1.004873", "agency": A, "form": {"married": "yes"}})
    draft = answer.json or {}
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    assert draft["state"] == "draft"
    assert draft["code"] is None
    assert draft["procedure"]["code"] == "1.004873"
    assert draft["procedure"]["version"] == 1
    assert draft["form"] == {"married": "yes"}
    assert draft["files"] == []
    assert pointers({"errors": draft["missing"]}) == {
        "/form/full_name",
        "/form/id_number",
        "/form/date_of_birth",
        "/form/phone",
        "/form/spouse",
        "/documents/id-card",
        "/documents/certificate",
    }
    assert "Chưa trả lời: Họ và tên." in {one["detail"] for one in draft["missing"]}


def test_a_conditional_question_and_its_paper_are_missed_only_when_they_apply(an: Person) -> None:
    draft = an.begin({"married": "no"})
    assert {"/form/spouse", "/documents/certificate"}.isdisjoint(pointers({"errors": draft["missing"]}))


def test_answers_are_saved_step_by_step_against_the_version_they_were_read_at(an: Person) -> None:
    draft = an.begin({})
    saved = an.call("PUT", f"/dossiers/{draft['id']}/form", GOOD, If_Match='"1"')
    assert saved.status_code == 200
    assert saved.headers["ETag"] == '"2"'
    assert saved.json
    assert saved.json["form"] == GOOD
    assert an.call("PUT", f"/dossiers/{draft['id']}/form", GOOD).status_code == 428
    assert an.call("PUT", f"/dossiers/{draft['id']}/form", {}, If_Match='"1"').status_code == 412
    again = an.call("GET", f"/dossiers/{draft['id']}")
    assert again.json
    assert again.json["form"] == GOOD
    assert again.headers["ETag"] == '"2"'


@pytest.mark.parametrize(
    ("name", "answer", "code"),
    [
        ("id_number", "12345", "id-number-format"),
        ("id_number", "999199000017", "id-number-province"),
        ("phone", "0112000017", "phone-prefix"),
        ("date_of_birth", "1999-02-30", "date"),
        ("date_of_birth", "19990203", "date"),
        ("married", "perhaps", "enum"),
        ("copies", 0, "minimum"),
        ("copies", "three", "type"),
        ("full_name", {"a": 1}, "type"),
        ("full_name", "An\x00", "unreadable"),
        ("spouse_email", "an@", "email"),
        ("colour", "red", "unknown-field"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_saved(an: Person, name: str, answer: Any, code: str) -> None:
    draft = an.begin({"full_name": "An"})
    refused = an.call("PUT", f"/dossiers/{draft['id']}/form", {name: answer}, If_Match='"1"')
    assert refused.status_code == 422
    assert refused.json
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [(f"/{name}", code)]
    assert an.call("GET", f"/dossiers/{draft['id']}").json["form"] == {"full_name": "An"}  # type: ignore[index]


def test_answers_that_are_no_object_are_refused(an: Person) -> None:
    draft = an.begin({})
    assert an.call("PUT", f"/dossiers/{draft['id']}/form", ["a"], If_Match='"1"').status_code == 422


def test_empty_answers_count_as_none_and_blanks_around_them_go(an: Person) -> None:
    assert an.begin({"full_name": "  Lê Bảo ", "phone": "", "married": None})["form"] == {
        "full_name": "Lê Bảo"
    }


def test_answers_beyond_any_sensible_length_are_refused(an: Person) -> None:
    body = {"procedure": "1.004873", "agency": A, "form": {"spouse": "a" * 200_000}}
    assert an.call("POST", "/dossiers", body).status_code == 413


def test_a_draft_needs_a_known_procedure_and_an_agency_that_takes_it(an: Person) -> None:
    unknown = an.call("POST", "/dossiers", {"procedure": "9.999999", "agency": A})
    assert unknown.status_code == 422
    assert pointers(unknown.json) == {"/procedure"}
    elsewhere = an.call("POST", "/dossiers", {"procedure": "1.004873", "agency": "H99"})
    assert elsewhere.status_code == 422
    assert pointers(elsewhere.json) == {"/agency"}


def test_only_the_audience_may_ask(sut: ServiceUnderTest, an: Person) -> None:
    business = sut.client.post(
        "/api/v1/dossiers", json={"procedure": "1.004873", "agency": A}, headers=sut.as_business()
    )
    assert business.status_code == 403
    assert business.json
    assert business.json["code"] == "not-for-this-account"
    official = sut.client.get("/api/v1/dossiers", headers=sut.as_official(A))
    assert official.status_code == 403


def test_a_procedure_of_high_assurance_refuses_a_medium_account(sut: ServiceUnderTest, an: Person) -> None:
    sut.hear(procedure(code="3.000333", assurance="high"))
    refused = an.call("POST", "/dossiers", {"procedure": "3.000333", "agency": A})
    assert refused.status_code == 403
    assert refused.json
    assert refused.json["code"] == "assurance-too-low"
    assert Person.new(sut, "high").begin({}, procedure="3.000333")["state"] == "draft"


def test_a_draft_stays_with_the_version_of_the_procedure_it_was_begun_with(
    sut: ServiceUnderTest, an: Person
) -> None:
    before = an.begin({})
    sut.hear(procedure(version=3), sequence=3)
    sut.hear(procedure(version=2), sequence=2)
    assert an.begin({})["procedure"]["version"] == 3
    assert an.call("GET", f"/dossiers/{before['id']}").json["procedure"]["version"] == 1  # type: ignore[index]


def test_another_persons_draft_is_not_there(sut: ServiceUnderTest, an: Person) -> None:
    draft, stranger = an.begin()["id"], Person.new(sut)
    assert stranger.call("GET", f"/dossiers/{draft}").status_code == 404
    assert stranger.call("PUT", f"/dossiers/{draft}/form", {}, If_Match='"1"').status_code == 404
    assert stranger.call("DELETE", f"/dossiers/{draft}").status_code == 404
    assert stranger.upload(draft).status_code == 404
    assert stranger.submit(draft).status_code == 404


def test_a_draft_can_be_thrown_away(an: Person) -> None:
    draft = an.ready()
    assert an.call("DELETE", f"/dossiers/{draft}").status_code == 204
    assert an.call("GET", f"/dossiers/{draft}").status_code == 404


def test_the_same_begin_again_is_the_same_draft(an: Person) -> None:
    body = {"procedure": "1.004873", "agency": A}
    first = an.call("POST", "/dossiers", body, Idempotency_Key="k")
    again = an.call("POST", "/dossiers", body, Idempotency_Key="k")
    assert first.json
    assert again.json
    assert first.json["id"] == again.json["id"]


def test_no_personal_data_is_stored_in_clear(sut: ServiceUnderTest, an: Person) -> None:
    an.submit(an.ready())
    stored = sut.everything_stored()
    assert "Nguyễn Thị An" not in stored
    assert "001199000017" not in stored
    assert "0912000017" not in stored


@pytest.mark.parametrize(
    "body",
    [
        r'{"\ud800": "x"}',
        r'{"full_name": {"a": "\ud800"}}',
        r'{"full_name": "\ud800"}',
        '{"copies": NaN}',
        '{"copies": 1e999}',
        '{"copies": 1' + "0" * 60 + "}",
        '{"married": ["yes"]}',
    ],
)
def test_whatever_json_can_hold_is_refused_in_words(an: Person, body: str) -> None:
    headers = an.headers | {"If-Match": '"1"', "Content-Type": "application/json"}
    path = f"/api/v1/dossiers/{an.begin({})['id']}/form"
    assert an.sut.client.put(path, data=body, headers=headers).status_code == 422


@pytest.mark.parametrize("body", ["", "{", "nul", "[" * 5000])
def test_what_is_no_json_is_malformed_and_empties_no_form(an: Person, body: str) -> None:
    headers = an.headers | {"If-Match": '"1"', "Content-Type": "application/json"}
    draft = an.begin(GOOD)["id"]
    path = f"/api/v1/dossiers/{draft}/form"
    assert an.sut.client.put(path, data=body, headers=headers).status_code == 400
    headers["Content-Type"] = "text/plain"
    assert an.sut.client.put(path, data="{}", headers=headers).status_code == 415
    assert an.call("GET", f"/dossiers/{draft}").json["form"] == GOOD  # type: ignore[index]


def test_a_body_with_half_a_character_is_refused(an: Person) -> None:
    headers = an.headers | {"Content-Type": "application/json"}
    for body in (r'{"\ud800": 1}', r'{"procedure": "\ud800", "agency": "\u0000"}'):
        assert an.sut.client.post("/api/v1/dossiers", data=body, headers=headers).status_code == 422


def test_what_the_registers_confirmed_is_not_asked_again_where_the_form_takes_it(
    sut: ServiceUnderTest, an: Person
) -> None:
    sut.hear(registered(sut, an.account, full_name="   ", phone="0912000017"))
    asked = {"full_name": "full_name", "phone": "phone", "id_number": "id_number", "spouse": "email"}
    fields = [{"name": name, "label": name, "prefill": known} for name, known in asked.items()]
    layout = [{"id": "you", "title": "Bạn", "fields": fields}]
    sut.hear(procedure(version=2, form=Form(schema=SCHEMA, layout=layout)))
    draft = an.begin({"id_number": "079195000028"})
    assert draft["form"] == {"phone": "0912000017", "id_number": "079195000028"}
