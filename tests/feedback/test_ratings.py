import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from contracts.catalog import AgencyPublished
from contracts.dossier import (
    DossierEvent,
    DossierRefused,
    DossierSubmitted,
    ResultHandedOver,
    WithdrawalClosed,
)
from contracts.event import Name
from services.feedback import commands
from services.feedback.model import Opinion, average
from services.feedback.tables import ratings

AN = UUID("01a207b0-fac2-7347-8ed4-f8eb96f29e2e")
CODE = "H01-261123-0001"
CUA_NAM = Name("UBND phường Cửa Nam, Hà Nội", "Cua Nam Ward People's Committee, Hanoi")
Rate = Callable[..., TestResponse]


def event(sut: ServiceUnderTest, kind: type[DossierEvent], **changes: Any) -> DossierEvent:
    values: dict[str, Any] = {
        "code": CODE,
        "agency": "H01",
        "agency_name": CUA_NAM,
        "procedure": "1.001193",
        "procedure_name": Name("Đăng ký khai sinh", "Birth registration"),
        "applicant": AN,
        "status": 1,
        "version": 1,
        "at": sut.clock.now,
    }
    if kind is DossierSubmitted:
        values["answer_due_at"] = sut.clock.now
    return kind(**(values | changes))


def opinion(**changes: Any) -> dict[str, Any]:
    scores = dict.fromkeys(("total_time", "agency_time", "contacts", "agencies_visited", "attitude"), 2)
    return {"dossier": CODE, "scores": scores, "satisfaction": 5} | changes


@pytest.fixture
def rate(feedback: ServiceUnderTest) -> Rate:
    def rate(by: UUID = AN, key: str = "", **changes: Any) -> TestResponse:
        headers = feedback.as_citizen(by) | ({"Idempotency-Key": key} if key else {})
        return feedback.client.post("/api/v1/ratings", json=opinion(**changes), headers=headers)

    return rate


@pytest.fixture
def closed(feedback: ServiceUnderTest) -> None:
    feedback.hear(AgencyPublished(code="H01", name=CUA_NAM, level="commune"))
    feedback.hear(event(feedback, DossierSubmitted))
    feedback.hear(event(feedback, ResultHandedOver, closed="handed-over"))


def stored(sut: ServiceUnderTest) -> int:
    with sut.units() as uow:
        return len(uow.session.execute(select(ratings)).all())


def problem(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, (answer.json or {})["code"]


def agency(sut: ServiceUnderTest, code: str = "H01") -> dict[str, Any]:
    answer = sut.client.get(f"/api/v1/statistics/agencies/{code}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json or {}
    return found


@pytest.mark.parametrize("ending", [ResultHandedOver, DossierRefused, WithdrawalClosed])
def test_however_a_dossier_ended_its_owner_rates_it(
    feedback: ServiceUnderTest, rate: Rate, ending: type[DossierEvent]
) -> None:
    feedback.hear(event(feedback, DossierSubmitted))
    feedback.hear(event(feedback, ending))
    answer = rate(comment="  Cán bộ rất tận tình.  ")
    assert answer.status_code == 201
    assert answer.json == opinion(comment="Cán bộ rất tận tình.", at="2026-11-23T02:00:00+00:00")
    own = feedback.client.get(f"/api/v1/ratings/{CODE}", headers=feedback.as_citizen(AN))
    assert own.json == answer.json


@pytest.mark.usefixtures("closed")
def test_a_second_rating_is_refused_and_counts_nothing(feedback: ServiceUnderTest, rate: Rate) -> None:
    assert rate().status_code == 201
    assert problem(rate(satisfaction=1)) == (409, "already-rated")
    assert agency(feedback)["ratings"]["count"] == 1
    assert agency(feedback)["ratings"]["averages"]["satisfaction"] == 5.0


@pytest.mark.usefixtures("closed")
def test_the_same_request_again_gets_the_same_answer(feedback: ServiceUnderTest, rate: Rate) -> None:
    first, again = rate(key="once"), rate(key="once")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert stored(feedback) == 1


@pytest.mark.usefixtures("closed")
def test_sixteen_ratings_at_once_make_one(feedback: ServiceUnderTest) -> None:
    headers = feedback.as_citizen(AN)

    def at_once(_: int) -> int:
        client = feedback.app.test_client()
        return client.post("/api/v1/ratings", json=opinion(), headers=headers).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = sorted(pool.map(at_once, range(16)))
    assert answers == [201] + [409] * 15
    assert agency(feedback)["ratings"]["count"] == stored(feedback) == 1


@pytest.mark.usefixtures("closed")
def test_a_rating_waits_for_the_one_before_it_and_is_then_the_second(
    feedback: ServiceUnderTest, rate: Rate
) -> None:
    answers: list[TestResponse] = []
    second = threading.Thread(target=lambda: answers.append(rate()))
    with feedback.units() as uow:
        scores = opinion()["scores"]
        commands.rate(uow, AN, CODE, Opinion(scores=scores, satisfaction=1))
        second.start()
        second.join(0.5)
        assert second.is_alive()
    second.join()
    assert problem(answers[0]) == (409, "already-rated")


def test_an_open_dossier_is_not_rated_yet(feedback: ServiceUnderTest, rate: Rate) -> None:
    feedback.hear(event(feedback, DossierSubmitted))
    assert problem(rate()) == (409, "not-closed")
    assert stored(feedback) == 0


def test_the_news_that_it_was_submitted_does_not_open_a_closed_dossier(
    feedback: ServiceUnderTest, rate: Rate
) -> None:
    feedback.hear(event(feedback, DossierRefused))
    feedback.hear(event(feedback, DossierSubmitted))
    assert rate().status_code == 201


@pytest.mark.usefixtures("closed")
def test_a_strangers_dossier_looks_like_none(feedback: ServiceUnderTest, rate: Rate) -> None:
    stranger = uuid4()
    assert problem(rate(by=stranger)) == problem(rate(dossier="H01-261123-0099")) == (404, "no-such-dossier")
    rate()
    headers = feedback.as_citizen(stranger)
    assert problem(feedback.client.get(f"/api/v1/ratings/{CODE}", headers=headers)) == (404, "not-rated")


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("code", [CODE, "nonsense", "%00"])
def test_before_the_rating_there_is_none_to_show(feedback: ServiceUnderTest, code: str) -> None:
    headers = feedback.as_citizen(AN)
    assert problem(feedback.client.get(f"/api/v1/ratings/{code}", headers=headers)) == (404, "not-rated")


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"satisfaction": 0}, "/satisfaction", "range"),
        ({"satisfaction": 6}, "/satisfaction", "range"),
        ({"satisfaction": "5"}, "/satisfaction", "type"),
        ({"satisfaction": True}, "/satisfaction", "type"),
        ({"satisfaction": None}, "/satisfaction", "required"),
        ({"scores": opinion()["scores"] | {"attitude": 3}}, "/scores/attitude", "range"),
        ({"scores": opinion()["scores"] | {"contacts": -1}}, "/scores/contacts", "range"),
        ({"scores": {"total_time": 1}}, "/scores/attitude", "required"),
        ({"scores": opinion()["scores"] | {"charm": 1}}, "/scores/charm", "unknown-field"),
        ({"comment": "ồ" * 2001}, "/comment", "too-long"),
        ({"dossier": "H01"}, "/dossier", "dossier-code-format"),
        ({"rater": "An"}, "/rater", "unknown-field"),
    ],
)
def test_a_rating_that_breaks_a_rule_names_the_field_and_changes_nothing(
    feedback: ServiceUnderTest, rate: Rate, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    answer = rate(**wrong)
    assert answer.status_code == 422
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in (answer.json or {})["errors"]]
    assert stored(feedback) == 0


def test_averages_have_one_decimal_and_halves_go_up(feedback: ServiceUnderTest, rate: Rate) -> None:
    for number, satisfaction in enumerate((5, 4, 4, 4), 1):
        owner, code = uuid4(), f"H01-261123-{number:04d}"
        feedback.hear(event(feedback, DossierRefused, code=code, applicant=owner))
        low = dict.fromkeys(opinion()["scores"], 0) if number == 1 else opinion()["scores"]
        assert rate(by=owner, dossier=code, satisfaction=satisfaction, scores=low).status_code == 201
    found = agency(feedback)["ratings"]
    assert found["count"] == 4
    assert found["averages"] == dict.fromkeys(opinion()["scores"], 1.5) | {"satisfaction": 4.3}


@pytest.mark.parametrize(
    ("total", "count", "shown"),
    [(0, 0, None), (0, 3, 0.0), (5, 4, 1.3), (9, 20, 0.5), (17, 4, 4.3), (13, 3, 4.3)],
)
def test_the_average_of_nobody_is_nothing(total: int, count: int, shown: float | None) -> None:
    assert average(total, count) == shown


@pytest.mark.usefixtures("closed")
def test_the_public_sees_figures_and_never_who_rated_or_what_they_wrote(
    feedback: ServiceUnderTest, rate: Rate
) -> None:
    feedback.hear(
        AgencyPublished(code="G01", name=Name("Cục Cảnh sát giao thông", "Traffic Police"), level="ministry")
    )
    rate(comment="Chờ quá lâu ở cửa số 3")
    answer = feedback.client.get("/api/v1/statistics/agencies")
    first, second = (answer.json or {})["items"]
    assert (first["code"], first["name"], first["ratings"]["count"]) == ("H01", CUA_NAM.vi, 1)
    assert (second["code"], second["ratings"]["count"]) == ("G01", 0)
    assert set(second["ratings"]["averages"].values()) == {None}
    assert str(AN) not in answer.text
    assert "cửa số 3" not in answer.text
    assert "cửa số 3" not in feedback.everything_stored()


def test_the_agencies_are_read_in_pages(feedback: ServiceUnderTest) -> None:
    codes = [f"H{n:02d}" for n in range(1, 6)]
    for code in codes:
        feedback.hear(AgencyPublished(code=code, name=CUA_NAM, level="commune"))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = feedback.client.get(f"/api/v1/statistics/agencies?limit=2&cursor={cursor}").json or {}
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == codes


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwiYiJd", "WyIxIl0", "WyIxIiwiXHUwMDAwIl0"])
def test_a_cursor_that_is_not_ours_is_malformed(feedback: ServiceUnderTest, cursor: str) -> None:
    assert problem(feedback.client.get(f"/api/v1/statistics/agencies?cursor={cursor}")) == (400, "bad-cursor")


@pytest.mark.parametrize("code", ["H99", "nonsense", "%00"])
def test_an_unknown_agency_has_no_statistics(feedback: ServiceUnderTest, code: str) -> None:
    assert problem(feedback.client.get(f"/api/v1/statistics/agencies/{code}")) == (404, "no-such-agency")


@pytest.mark.usefixtures("closed")
def test_only_people_and_businesses_rate(feedback: ServiceUnderTest) -> None:
    for headers, status in [({}, 401), (feedback.as_official("H01"), 403), (feedback.as_operator(), 403)]:
        answer = feedback.client.post("/api/v1/ratings", json=opinion(), headers=headers)
        assert answer.status_code == status
