"""One account acts for another: both accept, either ends it, and every token says who sits there."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from chassis.auth import Verifier
from contracts.identity import AccountNotice
from tests.identity.portal import AN, NGOC, Portal, claims, person, refused


class Citizen:
    """Somebody with an account, logged in."""

    def __init__(self, portal: Portal, id_number: str) -> None:
        self.portal, self.login = portal, id_number
        self.account = portal.account(person(id_number))["account_id"]
        self.tokens = portal.session(id_number)
        self.acting: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """A token of this minute; with `acting`, the one that acts."""
        said = claims(self.acting or self.tokens["access_token"])
        kept = {name: said[name] for name in ("act", "mandate", "sid") if name in said}
        return self.portal.sut.headers(said["kind"], said["sub"], **kept)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> TestResponse:
        with self.portal.sut.app.test_client() as browser:
            return browser.open(f"/api/v1{path}", method=method, json=body, headers=self.headers)

    def offer(self, to: str, /, **changes: Any) -> TestResponse:
        ends = (self.portal.sut.clock.now + timedelta(days=30)).isoformat()
        return self.call(
            "POST", "/mandates", {"to": to, "deeds": ["follow", "submit"], "expires_at": ends} | changes
        )

    def act(self, id: str) -> TestResponse:
        answer = self.call("POST", "/sessions/current/mandate", {"mandate": id})
        if answer.status_code == 200:
            self.acting = answer.get_json()["access_token"]
        return answer

    def refresh(self) -> dict[str, Any]:
        self.tokens = self.portal.refresh(self.tokens["refresh_token"]).get_json()
        self.acting = self.tokens["access_token"]
        return claims(self.acting)


@pytest.fixture
def an(portal: Portal) -> Citizen:
    return Citizen(portal, AN)


@pytest.fixture
def ngoc(portal: Portal) -> Citizen:
    return Citizen(portal, NGOC)


@pytest.fixture
def mandate(an: Citizen, ngoc: Citizen) -> str:
    """An lets Ngọc act, and Ngọc has accepted."""
    id = an.offer(NGOC).get_json()["id"]
    assert ngoc.call("POST", f"/mandates/{id}/acceptance").status_code == 200
    return str(id)


def told(someone: Citizen) -> list[str]:
    events = someone.portal.sut.announced(AccountNotice)
    found = [event.notice for event in events if str(event.account) == someone.account]
    return [notice for notice in found if notice.startswith("mandate")]


def test_both_agree_before_anybody_acts(an: Citizen, ngoc: Citizen) -> None:
    made = an.offer(NGOC, procedures=["1.001193"]).get_json()
    assert (made["state"], made["with_name"], made["deeds"]) == ("offered", None, ["submit", "follow"])
    refused(ngoc.act(made["id"]), 404, "mandate-not-found")
    (seen,) = ngoc.call("GET", "/mandates").get_json()["received"]
    assert (seen["id"], seen["with_name"], seen["procedures"]) == (
        made["id"],
        person(AN)["full_name"],
        ["1.001193"],
    )
    assert ngoc.call("POST", f"/mandates/{made['id']}/acceptance").get_json()["state"] == "active"
    (given,) = an.call("GET", "/mandates").get_json()["given"]
    assert (given["state"], given["with_name"]) == ("active", person(NGOC)["full_name"])
    assert ngoc.act(made["id"]).status_code == 200


def test_the_token_says_for_whom_and_who(an: Citizen, ngoc: Citizen, mandate: str) -> None:
    ngoc.act(mandate)
    assert ngoc.acting
    said = claims(ngoc.acting)
    assert (said["sub"], said["act"], said["kind"]) == (an.account, {"sub": ngoc.account}, "citizen")
    assert said["mandate"] == {"id": mandate, "deeds": ["submit", "follow"], "procedures": None}
    published: Any = ngoc.portal.get("/jwks").get_json()

    class Published:
        def keys(self, _: str | None) -> KeySet:
            return KeySet.import_key_set(published)

    sut = ngoc.portal.sut
    who = Verifier(Published(), sut.settings.public_url, now=sut.clock.timestamp).principal(ngoc.acting)
    assert (str(who.account), str(who.actor), str(who.person)) == (an.account, ngoc.account, ngoc.account)


def test_who_acts_sees_a_name_and_nothing_else_of_the_others(
    an: Citizen, ngoc: Citizen, mandate: str
) -> None:
    ngoc.act(mandate)
    account = ngoc.call("GET", "/account").get_json()
    assert account["full_name"] == person(NGOC)["full_name"]
    assert account["acting_for"] == {
        "kind": "citizen",
        "full_name": person(AN)["full_name"],
        "deeds": ["follow", "submit"],
    }
    assert an.call("GET", "/account").get_json()["acting_for"] is None


def test_whoever_acts_gives_no_mandates_and_sees_none(an: Citizen, ngoc: Citizen, mandate: str) -> None:
    ngoc.act(mandate)
    refused(ngoc.offer("001099000025"), 403, "not-allowed")
    refused(ngoc.call("GET", "/mandates"), 403, "not-allowed")
    refused(ngoc.call("DELETE", f"/mandates/{mandate}"), 403, "not-allowed")


def test_refreshing_goes_on_acting_until_the_mandate_is_ended(
    an: Citizen, ngoc: Citizen, mandate: str
) -> None:
    ngoc.act(mandate)
    assert ngoc.refresh()["act"] == {"sub": ngoc.account}
    assert an.call("DELETE", f"/mandates/{mandate}").status_code == 204
    said = ngoc.refresh()
    assert (said["sub"], "act" in said, "mandate" in said) == (ngoc.account, False, False)
    refused(ngoc.act(mandate), 409, "mandate-not-active")


def test_a_mandate_ends_in_time_and_no_token_outlives_it(an: Citizen, ngoc: Citizen) -> None:
    ends = (an.portal.sut.clock.now + timedelta(minutes=4)).isoformat()
    id = an.offer(NGOC, expires_at=ends).get_json()["id"]
    ngoc.call("POST", f"/mandates/{id}/acceptance")
    assert ngoc.act(id).get_json()["expires_in"] == 240
    ngoc.portal.wait(minutes=4)
    assert "act" not in ngoc.refresh()
    refused(ngoc.act(id), 409, "mandate-not-active")


def test_who_acted_is_themselves_again_when_they_stop(ngoc: Citizen, mandate: str) -> None:
    ngoc.act(mandate)
    answer = ngoc.call("DELETE", "/sessions/current/mandate")
    assert claims(answer.get_json()["access_token"])["sub"] == ngoc.account
    assert "act" not in ngoc.refresh()


def test_the_agent_may_decline_or_give_it_back(an: Citizen, ngoc: Citizen) -> None:
    id = an.offer(NGOC).get_json()["id"]
    assert ngoc.call("DELETE", f"/mandates/{id}").status_code == 204
    refused(ngoc.call("POST", f"/mandates/{id}/acceptance"), 409, "mandate-not-active")
    assert an.call("GET", "/mandates").get_json()["given"][0]["state"] == "ended"


def test_both_are_told_of_each_step_once(an: Citizen, ngoc: Citizen, mandate: str) -> None:
    for _ in range(2):
        ngoc.call("POST", f"/mandates/{mandate}/acceptance")
        ngoc.act(mandate)
    for _ in range(2):
        an.call("DELETE", f"/mandates/{mandate}")
    assert told(an) == ["mandate-accepted", "mandate-used", "mandate-ended"]
    assert told(ngoc) == ["mandate-offered", "mandate-ended"]


def test_a_stranger_finds_no_mandate(portal: Portal, an: Citizen, mandate: str) -> None:
    stranger = Citizen(portal, "048203000039")
    for method, path in (
        ("POST", f"/mandates/{mandate}/acceptance"),
        ("DELETE", f"/mandates/{mandate}"),
    ):
        refused(stranger.call(method, path), 404, "mandate-not-found")
    refused(stranger.act(mandate), 404, "mandate-not-found")
    refused(stranger.act(str(uuid4())), 404, "mandate-not-found")
    refused(an.act(mandate), 404, "mandate-not-found")


def test_an_offer_tells_nothing_of_who_has_an_account(an: Citizen) -> None:
    known = an.offer(NGOC).get_json()
    unknown = an.offer("001099000025").get_json()
    assert {**known, "id": ""} == {**unknown, "id": ""}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"deeds": []}, "/deeds"),
        ({"deeds": ["everything"]}, "/deeds"),
        ({"procedures": []}, "/procedures"),
        ({"procedures": ["x"]}, "/procedures"),
        ({"expires_at": "2020-01-01T00:00:00+07:00"}, "/expires_at"),
        ({"expires_at": "2099-01-01T00:00:00+07:00"}, "/expires_at"),
        ({"to": AN}, "/to"),
        ({"to": ""}, "/to"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(an: Citizen, change: dict[str, Any], pointer: str) -> None:
    answer = an.offer(NGOC, **change)
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.get_json()["errors"]]


def test_accepting_and_ending_at_once_leaves_it_ended(an: Citizen, ngoc: Citizen) -> None:
    for _ in range(5):
        id = an.offer(NGOC).get_json()["id"]
        with ThreadPoolExecutor(2) as pool:
            accepting = pool.submit(ngoc.call, "POST", f"/mandates/{id}/acceptance")
            ending = pool.submit(an.call, "DELETE", f"/mandates/{id}")
        assert accepting.result().status_code in (200, 409)
        assert ending.result().status_code == 204
        assert ngoc.act(id).status_code in (404, 409)
