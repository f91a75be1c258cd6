"""Where somebody is logged in: the list, ending one, logging out everywhere."""

from typing import Any
from uuid import uuid4

import pytest

from chassis.testing import ServiceUnderTest
from services.identity.model.rules import Rules
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused
from tests.identity.test_sessions import session_headers

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0"
Tokens = dict[str, Any]


@pytest.fixture
def phone(portal: Portal) -> Tokens:
    """Mr An is logged in."""
    portal.account()
    return portal.session()


@pytest.fixture
def laptop(portal: Portal, phone: Tokens) -> Tokens:
    """And on a second device."""
    portal.wait(minutes=1)
    return portal.session()


def listed(sut: ServiceUnderTest, tokens: Tokens) -> list[Tokens]:
    answer = sut.client.get("/api/v1/account/sessions", headers=session_headers(sut, tokens))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    items: list[Tokens] = (answer.json or {})["items"]
    return items


def end(sut: ServiceUnderTest, tokens: Tokens, id: str = "") -> Any:
    path = f"/api/v1/account/sessions{id and '/'}{id}"
    return sut.client.delete(path, headers=session_headers(sut, tokens))


def test_the_list_says_where_one_is_logged_in_since_when_and_which_is_this(
    identity: ServiceUnderTest, portal: Portal, phone: Tokens, laptop: Tokens
) -> None:
    portal.wait(minutes=5)
    portal.refresh(phone["refresh_token"])
    first, second = listed(identity, laptop)
    assert (first["current"], second["current"]) == (False, True)
    assert first["seen_at"] > second["seen_at"] > first["started_at"]
    assert first.keys() == {"id", "browser", "started_at", "seen_at", "expires_at", "current"}


def test_the_browser_is_known_by_its_family(
    identity: ServiceUnderTest, portal: Portal, phone: Tokens
) -> None:
    body = {"login": AN, "password": PASSWORD, "captcha": portal.captcha(), "device": phone["device"]}
    tokens = portal.post("/sessions", body, headers={"User-Agent": FIREFOX}).get_json()
    browsers = {item["current"]: item["browser"] for item in listed(identity, tokens)}
    assert browsers == {True: "Firefox, Windows", False: None}
    assert FIREFOX not in identity.everything_stored()


def test_ending_one_session_leaves_the_others(
    identity: ServiceUnderTest, portal: Portal, phone: Tokens, laptop: Tokens
) -> None:
    (other,) = [item for item in listed(identity, laptop) if not item["current"]]
    assert end(identity, laptop, other["id"]).status_code == 204
    assert end(identity, laptop, other["id"]).status_code == 204, "twice is no error"
    refused(portal.refresh(phone["refresh_token"]), 401, "session-ended")
    assert portal.refresh(laptop["refresh_token"]).status_code == 201
    assert len(listed(identity, laptop)) == 1


def test_logging_out_everywhere_ends_every_session_and_makes_other_devices_unknown(
    identity: ServiceUnderTest, portal: Portal, phone: Tokens, laptop: Tokens
) -> None:
    assert end(identity, laptop).status_code == 204
    for tokens in (phone, laptop):
        refused(portal.refresh(tokens["refresh_token"]), 401, "session-ended")
    assert portal.log_in(device=laptop["device"]).status_code == 201, "who did it needs no code"
    portal.wait(minutes=1)
    assert portal.log_in(device=phone["device"]).status_code == 202


def test_logging_out_everywhere_ends_a_login_that_waits_for_its_code(
    identity: ServiceUnderTest, portal: Portal, phone: Tokens
) -> None:
    portal.wait(minutes=1)
    waiting = portal.log_in().get_json()["id"]
    end(identity, phone)
    answer = portal.post(f"/sessions/{waiting}/confirmation", {"code": portal.code()})
    refused(answer, 404, "login-not-found")


def test_nobody_sees_or_ends_the_sessions_of_another(
    identity: ServiceUnderTest, portal: Portal, phone: Tokens
) -> None:
    portal.account(person(NGOC))
    ngoc = portal.session(NGOC)
    (mine,) = listed(identity, phone)
    assert mine["id"] not in [item["id"] for item in listed(identity, ngoc)]
    refused(end(identity, ngoc, mine["id"]), 404, "no-such-session")
    refused(end(identity, ngoc, str(uuid4())), 404, "no-such-session")
    end(identity, ngoc)
    assert portal.refresh(phone["refresh_token"]).status_code == 201
    assert portal.log_in(device=phone["device"]).status_code == 201


def test_a_session_that_is_over_is_not_listed(
    identity: ServiceUnderTest, portal: Portal, phone: Tokens, rules: Rules
) -> None:
    portal.wait(seconds=rules.session_idle.total_seconds())
    assert portal.log_in(device=phone["device"]).status_code == 201
    assert len(listed(identity, phone)) == 1


def test_the_list_needs_a_login(identity: ServiceUnderTest) -> None:
    refused(identity.client.get("/api/v1/account/sessions"), 401, "not-authenticated")
    refused(identity.client.delete("/api/v1/account/sessions"), 401, "not-authenticated")


def test_what_was_ended_from_elsewhere_is_told_to_the_gateway_while_its_tokens_are_good(
    identity: ServiceUnderTest, portal: Portal, phone: Tokens, laptop: Tokens, rules: Rules
) -> None:
    (other,) = [item for item in listed(identity, laptop) if not item["current"]]
    assert portal.get("/sessions/ended").get_json() == {"items": []}
    end(identity, laptop, other["id"])
    identity.client.delete("/api/v1/sessions/current", headers=session_headers(identity, laptop))
    assert portal.get("/sessions/ended").get_json() == {"items": [other["id"]]}
    portal.wait(seconds=rules.access_lifetime.total_seconds())
    assert portal.get("/sessions/ended").get_json() == {"items": []}
