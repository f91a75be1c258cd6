"""Applicants change their phone, and close their accounts."""

from uuid import UUID

import msgspec
from sqlalchemy import select

from chassis.tables import data_keys
from chassis.testing import ServiceUnderTest
from contracts.identity import AccountChanged, AccountClosed, AccountRegistered
from services.dossier import queries
from services.dossier.tables import applicants, dossiers, files
from tests.dossier.builders import MONDAY, A, Desk, Person, registered


def changed(event: AccountRegistered) -> AccountChanged:
    return AccountChanged(**msgspec.structs.asdict(event))


def close(sut: ServiceUnderTest, account: UUID, sequence: int = 9) -> None:
    sut.hear(AccountClosed(account=account, at=MONDAY), sequence=sequence)


def keys(sut: ServiceUnderTest, account: UUID) -> int:
    with sut.units() as uow:
        return len(uow.session.execute(select(data_keys).where(data_keys.c.person == account)).all())


def phone(sut: ServiceUnderTest, account: UUID) -> object:
    with sut.units() as uow:
        return (queries.profile(uow, account) or {}).get("phone")


def test_a_changed_phone_is_in_the_next_dossier(sut: ServiceUnderTest, an: Person) -> None:
    sut.hear(registered(sut, an.account))
    sut.hear(changed(registered(sut, an.account, phone="0912000029")), sequence=2)
    assert phone(sut, an.account) == "0912000029"


def test_what_was_said_of_an_applicant_before_changes_nothing(sut: ServiceUnderTest, an: Person) -> None:
    sut.hear(changed(registered(sut, an.account, phone="0912000029")), sequence=2)
    sut.hear(registered(sut, an.account))
    assert phone(sut, an.account) == "0912000029"


def test_closing_an_account_throws_its_drafts_away_and_destroys_the_data_key(
    sut: ServiceUnderTest, an: Person
) -> None:
    sut.hear(registered(sut, an.account))
    draft = an.ready()
    close(sut, an.account)
    assert an.call("GET", f"/dossiers/{draft}").status_code == 404
    assert (phone(sut, an.account), keys(sut, an.account)) == (None, 0)
    with sut.units() as uow:
        assert uow.session.execute(select(dossiers.c.id)).all() == []
        assert uow.session.execute(select(files.c.id)).all() == []


def test_a_submitted_dossier_stays_with_its_agency_as_the_law_demands(
    sut: ServiceUnderTest, an: Person, desk: Desk
) -> None:
    sut.hear(registered(sut, an.account))
    code, draft = an.submitted(), an.ready()
    close(sut, an.account)
    assert an.call("GET", f"/dossiers/{draft}").status_code == 404
    shown = desk.read(code)
    assert "Nguyễn Thị An" in str(shown)
    assert desk.decide(code, "accept").status_code == 201


def test_somebody_elses_drafts_stay(sut: ServiceUnderTest, an: Person) -> None:
    other = Person.new(sut)
    draft = other.ready()
    sut.hear(registered(sut, an.account))
    close(sut, an.account)
    assert other.call("GET", f"/dossiers/{draft}").status_code == 200


def test_a_token_that_outlives_its_account_begins_nothing(sut: ServiceUnderTest, an: Person) -> None:
    close(sut, an.account)
    answer = an.call("POST", "/dossiers", {"procedure": "1.004873", "agency": A, "form": {}})
    assert (answer.status_code, (answer.json or {})["code"]) == (401, "account-closed")
    assert keys(sut, an.account) == 0


def test_what_was_said_before_the_closing_does_not_bring_the_person_back(
    sut: ServiceUnderTest, an: Person
) -> None:
    close(sut, an.account, sequence=2)
    sut.hear(registered(sut, an.account))
    assert keys(sut, an.account) == 0
    with sut.units() as uow:
        (row,) = uow.session.execute(select(applicants))
    assert row.profile is None
