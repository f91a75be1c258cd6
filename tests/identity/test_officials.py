"""An agency's administrators keep its officials: roles, suspension, removal; each agency its own."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from services.identity.adapters.passwords import Passwords
from services.identity.commands import accounts
from services.identity.model.account import Account
from services.identity.model.person import Person
from tests.identity.portal import PASSWORD, Portal, claims, refused

A, B = "H01", "G01"
EVERY = ("receiver", "handler", "approver", "administrator")


class Office:
    """An agency as its administrator sees it."""

    def __init__(self, portal: Portal, passwords: Passwords, agency: str = A) -> None:
        self.portal, self.agency = portal, agency
        self.hash = passwords.hash(PASSWORD)
        self.count = 0
        self.boss = self.hire("boss", *EVERY)

    @property
    def me(self) -> dict[str, str]:
        return self.as_official(self.boss)

    def hire(self, login: str, *roles: str) -> UUID:
        self.count += 1
        name = f"{login}.{self.agency.lower()}"
        person = Person(name, "Bùi Văn Cán", f"09{len(self.agency)}{ord(self.agency[0])}{self.count:05}"[:10])
        with self.portal.sut.units() as uow:
            made = accounts.open(
                uow, "official", person, self.hash, assurance="medium", agency=self.agency, roles=roles
            )
            return made.id

    def as_official(self, account: UUID, *roles: str) -> dict[str, str]:
        return self.portal.sut.as_official(self.agency, account, roles or EVERY)

    def call(
        self, method: str, path: str, body: Any = None, me: dict[str, str] | None = None
    ) -> TestResponse:
        with self.portal.sut.app.test_client() as browser:
            return browser.open(
                f"/api/v1/agency/officials{path}", method=method, json=body, headers=me or self.me
            )

    def roles(self, id: UUID, *roles: str, me: dict[str, str] | None = None) -> TestResponse:
        return self.call("PUT", f"/{id}/roles", {"roles": list(roles)}, me)

    def remove(self, by: UUID, id: UUID) -> int:
        return self.call("DELETE", f"/{id}", me=self.as_official(by)).status_code

    def kept(self, id: UUID) -> Account:
        with self.portal.sut.units() as uow:
            return uow.session.get_one(Account, id)


@pytest.fixture
def office(portal: Portal, passwords: Passwords) -> Office:
    return Office(portal, passwords)


@pytest.fixture
def elsewhere(portal: Portal, passwords: Passwords) -> Office:
    return Office(portal, passwords, B)


def test_an_administrator_sees_the_agencys_officials_and_no_others(office: Office, elsewhere: Office) -> None:
    lan = office.hire("lan", "receiver")
    answer = office.call("GET", "?limit=1").get_json()
    assert [each["account_id"] for each in answer["items"]] == [str(office.boss)]
    rest = office.call("GET", f"?cursor={answer['next_cursor']}").get_json()
    assert rest["next_cursor"] is None
    (shown,) = rest["items"]
    assert (shown["account_id"], shown["login"], shown["roles"]) == (str(lan), "lan.h01", ["receiver"])
    assert (shown["state"], "•" in shown["phone"]) == ("active", True)


@pytest.mark.parametrize("roles", [("receiver",), ("receiver", "handler", "approver")])
def test_who_is_no_administrator_keeps_nobody(office: Office, roles: tuple[str, ...]) -> None:
    lan = office.hire("lan", *roles)
    me = office.as_official(lan, *roles)
    for method, path in (
        ("GET", ""),
        ("PUT", f"/{lan}/roles"),
        ("POST", f"/{lan}/suspension"),
        ("DELETE", f"/{lan}/suspension"),
        ("DELETE", f"/{lan}"),
        ("GET", "/invitations"),
        ("POST", "/invitations"),
    ):
        assert office.call(method, path, me=me).status_code == 403, (method, path)


def test_a_token_from_before_the_role_was_taken_away_is_not_enough(office: Office) -> None:
    second = office.hire("second", *EVERY)
    assert office.roles(second, "receiver").status_code == 200
    refused(office.roles(office.boss, "receiver", me=office.as_official(second)), 403, "not-administrator")
    refused(office.call("GET", "", me=office.as_official(second)), 403, "not-administrator")


def test_the_roles_are_in_the_next_access_token(office: Office) -> None:
    lan = office.hire("lan", "receiver")
    tokens = office.portal.session("lan.h01")
    assert office.roles(lan, "approver", "handler").get_json()["roles"] == ["handler", "approver"]
    fresh = office.portal.refresh(tokens["refresh_token"]).get_json()
    assert claims(fresh["access_token"])["roles"] == ["handler", "approver"]


@pytest.mark.parametrize("roles", [[], ["king"], ["receiver", "king"], ["x" * 100], [None], "receiver"])
def test_an_official_has_at_least_one_role_that_exists(office: Office, roles: Any) -> None:
    answer = office.call("PUT", f"/{office.hire('lan', 'receiver')}/roles", {"roles": roles})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"].startswith("/roles")


def test_the_last_administrator_stays(office: Office) -> None:
    suspended = office.hire("second", *EVERY)
    assert office.call("POST", f"/{suspended}/suspension").status_code == 200
    for answer in (
        office.roles(office.boss, "receiver"),
        office.call("POST", f"/{office.boss}/suspension"),
        office.call("DELETE", f"/{office.boss}"),
    ):
        refused(answer, 409, "last-administrator")
    assert office.kept(office.boss).roles == list(EVERY)
    assert office.call("DELETE", f"/{suspended}/suspension").status_code == 200
    assert office.call("DELETE", f"/{office.boss}").status_code == 204


def test_two_administrators_who_remove_each_other_at_once_leave_one(office: Office) -> None:
    for turn in range(5):
        other = office.hire(f"other{turn}", *EVERY)
        pair = (office.boss, other)
        with ThreadPoolExecutor(2) as pool:
            answers = list(
                pool.map(
                    lambda ids: (
                        office.call("DELETE", f"/{ids[1]}", me=office.as_official(ids[0])).status_code
                    ),
                    [pair, pair[::-1]],
                )
            )
        assert sorted(answers) in ([204, 403], [204, 409]), answers
        left = [id for id in pair if office.kept(id).standing == "active"]
        assert len(left) == 1
        office.boss = left[0]


def test_a_suspended_official_is_out_until_resumed(office: Office) -> None:
    lan = office.hire("lan", "receiver")
    tokens = office.portal.session("lan.h01")
    waiting = office.portal.log_in("lan.h01").get_json()["id"]
    assert office.call("POST", f"/{lan}/suspension").get_json()["state"] == "suspended"
    refused(office.portal.refresh(tokens["refresh_token"]), 401, "session-ended")
    refused(office.portal.confirm_login(waiting, office.portal.code()), 404, "login-not-found")
    refused(office.portal.log_in("lan.h01"), 401, "login-failed")
    refused(office.portal.log_in("lan.h01", device=tokens["device"]), 401, "login-failed")
    assert office.call("DELETE", f"/{lan}/suspension").get_json()["state"] == "active"
    office.portal.wait(minutes=2)
    assert office.portal.log_in("lan.h01", device=tokens["device"]).status_code == 201
    refused(office.portal.refresh(tokens["refresh_token"]), 401, "session-ended")


def test_a_session_opened_while_its_owner_was_suspended_ends_with_its_first_token(
    office: Office,
) -> None:
    lan = office.hire("lan", "receiver")
    tokens = office.portal.session("lan.h01")
    with office.portal.sut.units() as uow:
        uow.session.get_one(Account, lan).standing = "suspended"
    refused(office.portal.refresh(tokens["refresh_token"]), 401, "session-ended")


def test_a_removed_official_is_gone_but_the_login_stays_theirs(office: Office) -> None:
    lan = office.hire("lan", "receiver")
    tokens = office.portal.session("lan.h01")
    for _ in range(2):
        assert office.call("DELETE", f"/{lan}").status_code == 204
    refused(office.portal.refresh(tokens["refresh_token"]), 401, "session-ended")
    refused(office.portal.log_in("lan.h01"), 401, "login-failed")
    assert str(lan) not in office.call("GET", "").get_data(as_text=True)
    refused(office.roles(lan, "receiver"), 409, "official-removed")
    refused(office.call("DELETE", f"/{lan}/suspension"), 409, "official-removed")
    assert (office.kept(lan).standing, office.kept(lan).roles) == ("removed", [])


def test_nobody_keeps_another_agencys_officials(office: Office, elsewhere: Office) -> None:
    theirs = elsewhere.hire("minh", "receiver")
    for answer in (
        office.roles(theirs, "administrator"),
        office.call("POST", f"/{theirs}/suspension"),
        office.call("DELETE", f"/{theirs}/suspension"),
        office.call("DELETE", f"/{theirs}"),
    ):
        refused(answer, 404, "no-such-official")
    assert (elsewhere.kept(theirs).standing, elsewhere.kept(theirs).roles) == ("active", ["receiver"])


def test_a_citizen_is_no_official_to_be_kept(office: Office, identity: ServiceUnderTest) -> None:
    citizen = office.portal.account()["account_id"]
    refused(office.call("DELETE", f"/{citizen}"), 404, "no-such-official")
    assert office.call("GET", "", me=identity.as_citizen(UUID(citizen))).status_code == 403
