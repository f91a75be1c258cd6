"""Whoever acts for an applicant does what the mandate names, in its procedures, and it is written down."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from services.dossier.tables import history
from tests.dossier.builders import A, Desk, Person

AGENT = uuid4()


def acting(an: Person, *deeds: str, procedures: list[str] | None = None) -> Person:
    """Somebody at the API by a mandate of An's."""
    mandate = {"id": str(uuid4()), "deeds": list(deeds), "procedures": procedures}
    headers = an.sut.headers("citizen", an.account, act={"sub": str(AGENT)}, mandate=mandate)
    return Person(an.sut, an.account, headers)


def code_of(answer: TestResponse) -> tuple[int, Any]:
    return answer.status_code, (answer.get_json() or {}).get("code")


def steps(sut: ServiceUnderTest) -> list[tuple[int, UUID | None, UUID | None]]:
    rows = select(history).order_by(history.c.version)
    with sut.units() as uow:
        return [(row.status, row.account, row.actor) for row in uow.session.execute(rows)]


def test_what_is_done_for_somebody_is_theirs_and_says_who_did_it(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    agent = acting(an, "prepare", "submit", "follow")
    code = agent.submitted(A)
    assert agent.call("POST", f"/dossiers/{code}/withdrawal", {"reason": None}).status_code == 201
    assert steps(sut) == [(1, an.account, AGENT), (7, an.account, AGENT)]
    shown: Any = an.call("GET", f"/dossiers/{code}").json
    assert [step["by_mandate"] for step in shown["history"]] == [True, True]
    assert [step["by_mandate"] for step in desk.read(code)["history"]] == [True, True]


def test_what_a_person_does_themselves_says_so(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    code = an.submitted(A)
    desk.decide(code, "accept")
    assert [step["by_mandate"] for step in desk.read(code)["history"]] == [False, False]
    assert [actor for _, _, actor in steps(sut)] == [None, None]


ROUTES = {
    ("POST", "/dossiers"): {"prepare"},
    ("PUT", "/dossiers/{draft}/form"): {"prepare"},
    ("DELETE", "/dossiers/{draft}"): {"prepare"},
    ("POST", "/dossiers/{draft}/files"): {"prepare"},
    ("DELETE", "/dossiers/{draft}/files/{file}"): {"prepare"},
    ("POST", "/dossiers/{draft}/submission"): {"submit"},
    ("POST", "/dossiers/{code}/withdrawal"): {"submit"},
    ("GET", "/dossiers"): {"prepare", "follow"},
    ("GET", "/dossiers/summary"): {"prepare", "follow"},
    ("GET", "/dossiers/{code}"): {"prepare", "follow"},
    ("GET", "/dossiers/{code}/files/{file}"): {"prepare", "follow"},
}


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
@pytest.mark.parametrize("deed", ["prepare", "submit", "follow", "receive", None])
def test_a_mandate_opens_what_it_names_and_nothing_else(
    an: Person, route: tuple[str, str], deed: str | None
) -> None:
    method, path = route
    filled = path.format(draft=uuid4(), code="H01-261123-0001", file=uuid4())
    answer = acting(an, *([deed] if deed else [])).call(method, filled, Idempotency_Key=str(uuid4()))
    refused = code_of(answer) == (403, "not-allowed")
    assert refused == (deed not in ROUTES[route]), answer.json


def test_a_mandate_for_other_procedures_shows_and_begins_nothing(sut: ServiceUnderTest, an: Person) -> None:
    draft, code = an.ready(A), an.submitted(A)
    every = ("prepare", "submit", "follow")
    agent = acting(an, *every, procedures=["1.001193"])
    listed: Any = agent.call("GET", "/dossiers").json
    assert listed["items"] == []
    assert set((agent.call("GET", "/dossiers/summary").json or {}).values()) == {0}
    for method, path in (
        ("GET", f"/dossiers/{code}"),
        ("DELETE", f"/dossiers/{draft}"),
        ("POST", f"/dossiers/{code}/withdrawal"),
    ):
        assert code_of(agent.call(method, path, {} if method == "POST" else None))[0] in (404, 422)
    assert code_of(agent.submit(draft)) == (404, "dossier-not-found")
    assert code_of(agent.upload(draft)) == (404, "dossier-not-found")
    body = {"procedure": "1.004873", "agency": A, "form": {}}
    assert code_of(agent.call("POST", "/dossiers", body)) == (403, "not-in-mandate")
    assert acting(an, *every, procedures=["1.004873"]).submit(draft).status_code == 201


def test_nobody_acts_for_anybody_but_the_giver(sut: ServiceUnderTest, an: Person) -> None:
    other = Person.new(sut)
    code = other.submitted(A)
    assert code_of(acting(an, "follow").call("GET", f"/dossiers/{code}")) == (404, "dossier-not-found")
