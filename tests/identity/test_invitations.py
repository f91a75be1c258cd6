"""Officials come by invitation: a link that works once, in time, and only for whom it was sent to."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from chassis.tables import data_keys
from chassis.testing import ServiceUnderTest
from contracts.identity import OfficialInvited
from services.identity.adapters.passwords import Passwords
from services.identity.model import invitation as model
from tests.identity.portal import PASSWORD, Portal, claims, refused
from tests.identity.test_officials import B, Office

LAN = {
    "login": "Lan.H01",
    "full_name": "Lê Thị Lan",
    "phone": "0912345679",
    "email": "lan@example.test",
    "roles": ["handler", "receiver"],
    "send": "link",
}


@pytest.fixture
def office(portal: Portal, passwords: Passwords) -> Office:
    return Office(portal, passwords)


def invite(office: Office, **changes: Any) -> TestResponse:
    return office.call("POST", "/invitations", LAN | changes)


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["ma"][0]


def link_of(office: Office, **changes: Any) -> str:
    answer = invite(office, **changes)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["link"])


def accept(office: Office, token: str, password: str = PASSWORD) -> TestResponse:
    return office.portal.post("/invitations/acceptance", {"token": token, "password": password})


def test_the_invited_sets_a_password_and_works_for_the_agency(office: Office) -> None:
    token = token_of(link_of(office))
    seen = office.portal.post("/invitations/details", {"token": token}).get_json()
    assert (seen["agency"], seen["login"], seen["full_name"]) == ("H01", "lan.h01", "Lê Thị Lan")
    assert (seen["roles"], "2345" in seen["phone"]) == (["receiver", "handler"], False)
    made = accept(office, token)
    assert (made.status_code, made.get_json()["login"]) == (201, "lan.h01")
    said = claims(office.portal.session("lan.h01")["access_token"])
    assert (said["kind"], said["agency"], said["roles"]) == ("official", "H01", ["receiver", "handler"])
    assert office.portal.sut.unsealed(office.portal.requested()[-1].phone, "notify") == LAN["phone"]


def test_an_invitation_is_accepted_once(office: Office) -> None:
    token = token_of(link_of(office))
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(lambda _: accept(office, token).status_code, range(4)))
    assert answers[0] == 201
    assert set(answers[1:]) <= {404, 409}
    refused(accept(office, token), 404, "invitation-not-found")


def test_an_invitation_ends_in_time_and_makes_room_for_another(office: Office) -> None:
    token = token_of(link_of(office))
    office.portal.wait(days=7)
    refused(accept(office, token), 404, "invitation-not-found")
    refused(office.portal.post("/invitations/details", {"token": token}), 404, "invitation-not-found")
    assert office.call("GET", "/invitations").get_json()["items"] == []
    assert accept(office, token_of(link_of(office))).status_code == 201


def test_a_revoked_invitation_leads_nowhere(office: Office) -> None:
    made = invite(office).get_json()
    assert [each["id"] for each in office.call("GET", "/invitations").get_json()["items"]] == [made["id"]]
    assert office.call("DELETE", f"/invitations/{made['id']}").status_code == 204
    refused(accept(office, token_of(made["link"])), 404, "invitation-not-found")
    refused(office.call("DELETE", f"/invitations/{made['id']}"), 404, "invitation-not-found")
    assert "Lê Thị Lan" not in office.portal.sut.everything_stored()


def test_another_agencys_invitations_are_not_there(office: Office, passwords: Passwords) -> None:
    elsewhere = Office(office.portal, passwords, B)
    made = invite(office).get_json()
    assert elsewhere.call("GET", "/invitations").get_json()["items"] == []
    refused(elsewhere.call("DELETE", f"/invitations/{made['id']}"), 404, "invitation-not-found")
    assert accept(office, token_of(made["link"])).status_code == 201


def test_a_login_is_invited_once_and_never_one_that_is_taken(office: Office) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(lambda _: invite(office).status_code, range(4)))
    assert answers == [201, 409, 409, 409]
    refused(invite(office, login="BOSS.h01"), 409, "login-taken", "/login")


@pytest.mark.parametrize("way", ["sms", "mail"])
def test_a_link_that_is_sent_is_seen_by_nobody_else(
    office: Office, identity: ServiceUnderTest, way: str
) -> None:
    answer = invite(office, send=way)
    assert (answer.status_code, "link" in answer.get_json()) == (201, False)
    (told,) = identity.announced(OfficialInvited)
    assert (told.invited_to, told.channel, told.language) == ("H01", way, "vi")
    assert identity.unsealed(told.to, "notify") == (LAN["phone"] if way == "sms" else LAN["email"])
    token = token_of(identity.unsealed(told.link, "notify"))
    assert token not in identity.everything_stored()
    assert accept(office, token).status_code == 201


def test_the_link_leads_to_the_portals_page(office: Office) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/loi-moi\?ma=[\w-]{43}", link_of(office))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"login": "001099000017"}, "/login"),
        ({"login": "a"}, "/login"),
        ({"full_name": "9"}, "/full_name"),
        ({"phone": "0112000017"}, "/phone"),
        ({"email": "nobody"}, "/email"),
        ({"email": "", "send": "mail"}, "/email"),
        ({"roles": []}, "/roles"),
        ({"send": "pigeon"}, "/send"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(office: Office, change: dict[str, Any], pointer: str) -> None:
    answer = invite(office, **change)
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.get_json()["errors"]]


def test_a_weak_password_does_not_use_the_invitation_up(office: Office) -> None:
    token = token_of(link_of(office))
    refused(accept(office, token, "12345678"), 422, "password-common", "/password")
    refused(accept(office, token, "lan.h01 là tôi"), 422, "password-has-login", "/password")
    assert accept(office, token).status_code == 201


def test_a_guessed_link_leads_nowhere(office: Office) -> None:
    for token in ("", "x", "x" * 43, "\x00"):
        refused(accept(office, token), 404, "invitation-not-found")


def test_an_agency_has_so_many_open_invitations(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MOST_OPEN", 2)
    for number in range(2):
        assert invite(office, login=f"lan{number}").status_code == 201
    full = invite(office, login="lan2")
    refused(full, 429, "invitations-full")
    assert int(full.headers["Retry-After"]) > 0


def test_nothing_of_the_invited_is_kept_in_clear_or_after_its_time(
    office: Office, identity: ServiceUnderTest
) -> None:
    link = link_of(office)
    stored = identity.everything_stored()
    for canary in (LAN["full_name"], LAN["phone"], "lan.h01", LAN["email"], token_of(link)):
        assert str(canary) not in stored
    before = keys(identity)
    identity.clock.move(timedelta(days=7))
    identity.tick("sweep")
    assert keys(identity) == before - 1


def keys(identity: ServiceUnderTest) -> int:
    with identity.units() as uow:
        return len(uow.session.execute(select(data_keys.c.person)).all())
