"""Who may decide what at an agency's desk: its officials by role, its back office whatever it says."""

import pytest
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from services.dossier.model.workflow import TABLE, parse
from tests.dossier.builders import A, Desk, Person

ROLES = ("receiver", "handler", "approver")
WAY = {"accept": "receiver", "forward": "handler", "finish": "handler", "hand-over": "approver"}


def refused(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def desk_of(sut: ServiceUnderTest, *roles: str) -> Desk:
    return Desk(sut, sut.as_official(A, roles=roles))


def test_each_decision_is_taken_by_the_role_for_it_and_by_no_other(sut: ServiceUnderTest, an: Person) -> None:
    code = an.submitted(A)
    for action, role in WAY.items():
        for other in {*ROLES} - {role}:
            stranger = desk_of(sut, other, "administrator")
            assert action not in stranger.read(code)["actions"]
            refused(stranger.decide(code, action), 403, "role-needed")
        owner = desk_of(sut, role)
        assert action in owner.read(code)["actions"]
        assert owner.decide(code, action).status_code == 201


def test_a_refusal_by_role_changes_and_announces_nothing(sut: ServiceUnderTest, an: Person) -> None:
    code = an.submitted(A)
    before = desk_of(sut, *ROLES).read(code)
    refused(desk_of(sut, "approver").decide(code, "refuse", "Thiếu giấy tờ."), 403, "role-needed")
    assert desk_of(sut, *ROLES).read(code) == before


def test_who_only_administers_accounts_reads_no_dossiers(sut: ServiceUnderTest, an: Person) -> None:
    code, boss = an.submitted(A), desk_of(sut, "administrator")
    file = desk_of(sut, "receiver").read(code)["files"][0]["id"]
    for path in ("", f"/{code}", f"/{code}/files/{file}"):
        assert boss.call("GET", path).status_code == 403, path
    refused(boss.decide(code, "accept", version=3), 403, "not-allowed")


def test_a_clients_scope_opens_the_desk_or_does_not(sut: ServiceUnderTest, an: Person) -> None:
    code = an.submitted(A)
    for scope, status in (("desk", 200), ("agency", 200), ("desk events", 200), ("events", 403), ("", 403)):
        client = Desk(sut, sut.headers("agency", None, agency=A, scope=scope))
        assert client.call("GET", f"/{code}").status_code == status, scope


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ('by = "agency"\nroles = ["receiver"]', 'by = "agency"'),
        ('by = "agency"\nroles = ["receiver"]', 'by = "agency"\nroles = ["king"]'),
        ('by = "applicant"', 'by = "applicant"\nroles = ["receiver"]'),
    ],
)
def test_a_table_whose_roles_do_not_fit_is_not_loaded(row: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="known roles"):
        parse(TABLE.read_text(encoding="utf-8").replace(row, wrong, 1))
