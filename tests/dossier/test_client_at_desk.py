"""An agency's client at the desk over REST: its own dossiers, nothing of another's; each decision once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from contracts.dossier import DecisionRejected, DossierAccepted
from services.dossier.tables import refused_decisions
from tests.dossier.builders import PDF, A, B, Desk, Person
from tests.dossier.test_door import FROM_A, decision


@pytest.fixture
def client(sut: ServiceUnderTest) -> Desk:
    """A client of agency A."""
    return Desk(sut, sut.as_agency(A))


@pytest.fixture
def other_client(sut: ServiceUnderTest) -> Desk:
    """A client of agency B."""
    return Desk(sut, sut.as_agency(B))


def decide(
    client: Desk, code: str, action: str = "accept", id: UUID | str | None = None, **headers: str
) -> TestResponse:
    body = {"action": action} | ({"decision_id": str(id)} if id else {})
    return client.call("POST", f"/{code}/decisions", body, **{"If_Match": '"3"'} | headers)


def refused(sut: ServiceUnderTest) -> list[tuple[Any, ...]]:
    rows = select(refused_decisions).order_by(refused_decisions.c.message_id)
    with sut.units() as uow:
        found = uow.session.execute(rows).all()
    return [(row.agency, row.code, row.action, row.problem, row.decision_id) for row in found]


def test_a_client_lists_reads_fetches_and_decides_its_own(an: Person, client: Desk) -> None:
    code = an.submitted(A)
    listed: Any = client.call("GET", "").json
    assert [item["code"] for item in listed["items"]] == [code]
    shown = client.read(code)
    file = client.call("GET", f"/{code}/files/{shown['files'][0]['id']}")
    assert (file.status_code, file.data) == (200, PDF)
    assert decide(client, code).status_code == 201
    assert client.read(code)["status"] == 2


def test_a_client_gets_nothing_of_another_agency(
    sut: ServiceUnderTest, an: Person, client: Desk, other_client: Desk
) -> None:
    code = an.submitted(A)
    file = client.read(code)["files"][0]["id"]
    listed: Any = other_client.call("GET", "").json
    assert listed["items"] == []
    for path in (f"/{code}", f"/{code}/files/{file}"):
        assert other_client.call("GET", path).status_code == 404
    assert decide(other_client, code).status_code == 404
    assert client.read(code)["status"] == 1


def test_a_decision_on_anothers_dossier_is_refused_recorded_and_answered(
    sut: ServiceUnderTest, an: Person, other_client: Desk
) -> None:
    code, id = an.submitted(A), uuid4()
    answer = decide(other_client, code, id=id)
    assert (answer.status_code, answer.json and answer.json["code"]) == (404, "dossier-not-found")
    assert refused(sut) == [(B, code, "accept", "dossier-not-found", id)]
    assert sut.announced(DossierAccepted) == []
    assert sut.announced(DecisionRejected) == [], "the answer was the HTTP one"


def test_every_refused_decision_of_a_client_is_recorded_even_with_a_key(
    sut: ServiceUnderTest, an: Person, client: Desk
) -> None:
    code = an.submitted(A)
    assert decide(client, code, "finish", Idempotency_Key="k1").status_code == 409
    assert decide(client, code, If_Match='"9"').status_code == 412
    assert decide(client, code, "refuse").status_code == 422
    assert decide(client, "x" * 300).status_code == 404
    assert refused(sut) == [
        (A, code, "finish", "action-not-possible", None),
        (A, code, "accept", "changed-meanwhile", None),
        (A, code, "refuse", "reason-required", None),
        (A, "x" * 60, "accept", "dossier-not-found", None),
    ]


def test_what_an_official_may_not_do_is_no_record(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    assert desk.decide(an.submitted(A), "finish").status_code == 409
    assert refused(sut) == []


def test_the_same_decision_again_is_answered_the_same_and_done_once(
    sut: ServiceUnderTest, an: Person, client: Desk
) -> None:
    code, id = an.submitted(A), uuid4()
    first, again = decide(client, code, id=id), decide(client, code, id=id)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert first.headers["ETag"] == again.headers["ETag"] == '"4"'
    assert len(sut.announced(DossierAccepted)) == 1
    assert decide(client, code).status_code == 412, "without its id it is another decision"


def test_another_decision_under_a_used_id_is_refused_and_not_taken_for_done(
    sut: ServiceUnderTest, an: Person, client: Desk
) -> None:
    code, id = an.submitted(A), uuid4()
    assert decide(client, code, id=id).status_code == 201
    for action in ("refuse", "finish", "nonsense"):
        answer: Any = decide(client, code, action, id=id, If_Match='"4"')
        assert (answer.status_code, answer.json["code"]) == (409, "decision-id-used"), action
    assert decide(client, code, id=id).status_code == 201, "the first is still the first"
    assert [problem for _, _, _, problem, _ in refused(sut)] == ["decision-id-used"] * 3


def test_the_same_decision_eight_times_at_once_is_done_once(
    sut: ServiceUnderTest, an: Person, client: Desk
) -> None:
    code, id = an.submitted(A), uuid4()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: decide(client, code, id=id), range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert {answer.headers["ETag"] for answer in answers} == {'"4"'}
    assert len(sut.announced(DossierAccepted)) == 1


def test_one_decision_by_both_doors_is_done_once(sut: ServiceUnderTest, an: Person, client: Desk) -> None:
    code = an.submitted(A)
    sent = decision(code)
    assert decide(client, code, id=sent.decision_id).status_code == 201
    sut.hear(sent, user=FROM_A)
    assert len(sut.announced(DossierAccepted)) == 1
    assert sut.announced(DecisionRejected) == []


def test_an_id_that_is_none_is_refused(an: Person, client: Desk) -> None:
    answer: Any = decide(client, an.submitted(A), id="first")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/decision_id"
