from datetime import timedelta
from typing import Any

import pytest

from chassis.testing import ServiceUnderTest
from tests.dossier.builders import Desk, Person


def codes(person: Person, query: str = "") -> list[str | None]:
    found: Any = person.call("GET", f"/dossiers{query}").json
    return [item["code"] for item in found["items"]]


def test_the_summary_counts_each_dossier_where_it_stands(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    an.begin()
    waiting, refused, finished, withdrawn = (an.submitted() for _ in range(4))
    desk.decide(refused, "refuse", "Thiếu chữ ký.")
    desk.decide(finished, "accept")
    desk.decide(finished, "finish")
    an.call("POST", f"/dossiers/{withdrawn}/withdrawal", {})
    desk.decide(withdrawn, "close-withdrawal")
    Person.new(sut).submitted()
    assert an.call("GET", "/dossiers/summary").json == {
        "completed": 1,
        "in_progress": 1,
        "closed": 2,
        "drafts": 1,
        "waiting_for_you": 0,
    }
    assert codes(an, "?state=draft") == [None]
    assert codes(an, "?state=submitted") == [withdrawn, finished, refused, waiting]
    assert codes(an, "?state=in-progress") == [waiting]
    assert codes(an, "?state=completed") == [finished]
    assert codes(an, "?state=closed") == [withdrawn, refused]
    assert codes(an, "?state=waiting-for-you") == []
    assert an.call("GET", "/dossiers?state=lost").status_code == 422


def test_the_own_list_goes_page_by_page_last_changed_first(sut: ServiceUnderTest, an: Person) -> None:
    made = []
    for _ in range(5):
        sut.clock.move(timedelta(seconds=1))
        made.append(an.submitted())
    first: Any = an.call("GET", "/dossiers?limit=3").json
    rest: Any = an.call("GET", f"/dossiers?limit=3&cursor={first['next_cursor']}").json
    assert [item["code"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    for wrong in ("?cursor=x", "?limit=0", "?limit=101"):
        assert an.call("GET", f"/dossiers{wrong}").status_code in {400, 422}


def test_what_was_submitted_is_listed_however_many_newer_drafts_there_are(
    sut: ServiceUnderTest, an: Person
) -> None:
    code = an.submitted()
    for _ in range(25):
        sut.clock.move(timedelta(seconds=1))
        an.begin()
    assert codes(an, "?state=submitted") == [code]
    first: Any = an.call("GET", "/dossiers?state=draft").json
    rest = codes(an, f"?state=draft&cursor={first['next_cursor']}")
    assert len(first["items"]) + len(rest) == 25


def test_anothers_dossier_is_not_there(sut: ServiceUnderTest, an: Person) -> None:
    code, stranger = an.submitted(), Person.new(sut)
    assert stranger.call("GET", f"/dossiers/{code}").status_code == 404
    assert stranger.call("GET", "/dossiers/nonsense").status_code == 404
    assert codes(stranger) == []


def test_the_owner_can_see_the_receipt_again(an: Person) -> None:
    sent: Any = an.submit(an.ready()).json
    assert an.call("GET", f"/dossiers/{sent['code']}").json["receipt"] == sent["receipt"]  # type: ignore[index]


def test_anyone_with_the_code_sees_status_and_dates_and_no_more(sut: ServiceUnderTest, an: Person) -> None:
    code = an.submitted()
    answer = sut.client.get(f"/api/v1/tracking/{code.lower()}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json or {}) == {"code", "status", "status_name", "submitted_at", "due_at", "closed"}


def test_the_receipts_key_shows_also_what_it_is_and_its_history_never_who(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    sent: Any = an.submit(an.ready()).json
    desk.decide(sent["code"], "refuse", "Thiếu chữ ký của chị An.")
    path = f"/api/v1/tracking/{sent['code']}?key={sent['receipt']['key']}"
    seen: Any = sut.client.get(path, headers={"Accept-Language": "en"}).json
    assert seen["procedure_name"] == "Marital status certificate"
    assert seen["agency_name"] == "Agency H01"
    assert [step["status"] for step in seen["history"]] == [1, 3]
    assert seen["closed"]["outcome"] == "refused"
    assert "reason" not in str(seen)
    assert str(an.account) not in str(seen)
    assert "An" not in str(seen["history"])


@pytest.mark.parametrize("key", ["", "wrong", "%00", "%ED%A0%80"])
def test_a_wrong_key_is_as_none(sut: ServiceUnderTest, an: Person, key: str) -> None:
    answer = sut.client.get(f"/api/v1/tracking/{an.submitted()}?key={key}")
    assert answer.status_code == 200
    assert "history" not in (answer.json or {})


@pytest.mark.parametrize("code", ["H01-261123-0001", "nonsense", "H01-269999-0001"])
def test_an_unknown_code_is_not_found(sut: ServiceUnderTest, an: Person, code: str) -> None:
    assert sut.client.get(f"/api/v1/tracking/{code}").status_code == 404


def test_a_receipt_is_not_the_key_to_another_dossier(sut: ServiceUnderTest, an: Person) -> None:
    mine: Any = an.submit(an.ready()).json
    other = Person.new(sut).submitted()
    answer = sut.client.get(f"/api/v1/tracking/{other}?key={mine['receipt']['key']}")
    assert answer.status_code == 200
    assert "history" not in (answer.json or {})


def test_the_key_of_a_receipt_is_not_stored_in_clear_where_it_is_looked_up(
    sut: ServiceUnderTest, an: Person
) -> None:
    key = an.submit(an.ready()).json["receipt"]["key"]  # type: ignore[index]
    assert key not in sut.everything_stored()
