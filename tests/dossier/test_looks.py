"""Who looked at a person's dossier, and who decided it, is written down; and the person is told."""

from typing import Any
from uuid import uuid4

from sqlalchemy import select

from chassis.audit import verifying
from chassis.tables import audit
from chassis.testing import ServiceUnderTest
from tests.dossier.builders import A, Desk, Person


def looks(person: Person, query: str = "") -> Any:
    answer = person.call("GET", f"/dossiers/looks{query}")
    assert answer.status_code == 200, answer.json
    return answer.json


def deeds(sut: ServiceUnderTest) -> list[tuple[str, str, str]]:
    with sut.units() as uow:
        rows = uow.session.execute(select(audit).order_by(audit.c.at, audit.c.chain, audit.c.position)).all()
        assert not verifying.verify(uow.session.connection(), "dossier", sut.settings.index).faults
    return [(row.kind, row.deed, row.about) for row in rows]


def test_who_looked_at_a_dossier_and_a_file_is_told_to_its_owner(an: Person, desk: Desk) -> None:
    code = an.submitted()
    assert looks(an) == {"items": [], "next_cursor": None}
    file = desk.read(code)["files"][0]["id"]
    assert desk.call("GET", f"/{code}/files/{file}").status_code == 200
    found = looks(an)["items"]
    assert sorted((each["what"], each["about"], each["kind"], each["agency"]) for each in found) == [
        ("dossier", code, "official", A),
        ("file", code, "official", A),
    ]
    assert set(found[0]) == {"at", "what", "about", "kind", "agency"}, "which official is not said"


def test_a_look_at_a_list_or_at_ones_own_is_none(an: Person, desk: Desk) -> None:
    code = an.submitted()
    an.call("GET", f"/dossiers/{code}")
    assert desk.call("GET", "").status_code == 200
    assert looks(an)["items"] == []


def test_what_was_refused_was_not_seen(an: Person, other_desk: Desk) -> None:
    code = an.submitted()
    assert other_desk.call("GET", f"/{code}").status_code == 404
    assert looks(an)["items"] == []


def test_nobody_is_told_of_looks_at_others(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    desk.read(an.submitted())
    assert looks(Person.new(sut))["items"] == []


def test_looks_come_in_pages_without_a_gap(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    code = an.submitted()
    for _ in range(7):
        desk.read(code)
    first = looks(an, "?limit=5")
    rest = looks(an, f"?limit=5&cursor={first['next_cursor']}")
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (5, 2, None)
    for cursor in ("x", "WyIxIl0", "WyJhIiwiYiIsImMiXQ"):
        assert an.call("GET", f"/dossiers/looks?cursor={cursor}").status_code == 400


def test_what_was_done_to_a_dossier_is_written_down(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    code = an.submitted()
    assert desk.decide(code, "accept").status_code == 201
    assert desk.decide(code, "hand-over").status_code == 409
    done = [each for each in deeds(sut) if not each[1].startswith("look-")]
    assert sorted(done) == [("citizen", "dossier-submitted", code), ("official", "dossier-decided", code)]


def test_a_draft_that_was_thrown_away_is_remembered_without_what_it_said(
    sut: ServiceUnderTest, an: Person
) -> None:
    draft = an.begin()["id"]
    assert an.call("DELETE", f"/dossiers/{draft}").status_code == 204
    assert deeds(sut) == [("citizen", "draft-discarded", draft)]


def test_only_people_ask_who_looked(sut: ServiceUnderTest) -> None:
    answer = sut.client.get("/api/v1/dossiers/looks", headers=sut.as_agency(A))
    assert answer.status_code == 403
    assert sut.client.get("/api/v1/dossiers/looks").status_code == 401
    assert sut.client.get("/api/v1/dossiers/looks", headers=sut.as_citizen(uuid4())).status_code == 200
