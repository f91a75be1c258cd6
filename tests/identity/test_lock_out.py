"""A stranger's guesses pause the stranger: tried as an attacker would."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from services.identity.commands import login
from services.identity.model.rules import Rules
from tests.identity.portal import AN, PASSWORD, Portal, refused
from vocabulary.refusals import TooMany

HOME = "203.0.113.7"
ELSEWHERE = "198.51.100.9"


def log_in(portal: Portal, address: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    body = {"login": AN, "password": password, "captcha": portal.captcha()} | more
    return portal.post("/sessions", body, headers={"X-Forwarded-For": address})


def guesses(sut: ServiceUnderTest, rules: Rules, address: str, count: int) -> int:
    """How many of an attacker's attempts from one address are looked at."""
    admitted = 0
    for _ in range(count):
        try:
            with sut.units() as uow:
                login.attempt(uow, rules, AN, None, address)
            admitted += 1
        except TooMany:
            pass
    return admitted


@pytest.fixture
def device(portal: Portal) -> str:
    """Mr An has an account, and logged in at home."""
    portal.account()
    waiting = log_in(portal, HOME).get_json()["id"]
    confirmed = portal.post(
        f"/sessions/{waiting}/confirmation", {"code": portal.code()}, headers={"X-Forwarded-For": HOME}
    )
    portal.wait(minutes=1)
    return str(confirmed.get_json()["device"])


@pytest.mark.usefixtures("device")
def test_guesses_from_one_network_pause_that_network_alone(portal: Portal) -> None:
    for _ in range(5):
        refused(log_in(portal, ELSEWHERE, "đoán mò thôi"), 401, "login-failed")
    refused(log_in(portal, ELSEWHERE), 429, "login-paused")
    assert log_in(portal, "192.0.2.1").status_code == 202, "a new device in a new place"


def test_guesses_from_everywhere_do_not_lock_the_owner_out_at_home_or_on_a_known_device(
    portal: Portal, identity: ServiceUnderTest, rules: Rules, device: str
) -> None:
    for number in range(60):
        guesses(identity, rules, f"198.51.100.{number}", 1)
    refused(log_in(portal, "192.0.2.1"), 429, "login-paused")
    assert log_in(portal, HOME).status_code == 202
    assert log_in(portal, "192.0.2.1", device=device).status_code == 201


def test_guesses_from_many_networks_are_few_all_the_same(
    portal: Portal, identity: ServiceUnderTest, rules: Rules
) -> None:
    portal.account()
    admitted = sum(guesses(identity, rules, f"198.51.{n // 250}.{n % 250}", 4) for n in range(100))
    assert admitted == rules.login_free_failures_everywhere
    portal.wait(minutes=15)
    assert sum(guesses(identity, rules, f"203.0.113.{n}", 4) for n in range(50)) == 1


def test_an_unknown_login_is_paused_in_just_the_same_way(identity: ServiceUnderTest, rules: Rules) -> None:
    admitted = sum(guesses(identity, rules, f"198.51.100.{n}", 4) for n in range(60))
    assert admitted == rules.login_free_failures_everywhere


def test_the_pause_of_one_who_shares_the_owners_network_spares_the_known_device(
    portal: Portal, identity: ServiceUnderTest, rules: Rules, device: str
) -> None:
    assert guesses(identity, rules, HOME, 20) == rules.login_free_failures
    assert log_in(portal, HOME, device=device).status_code == 201


def test_the_network_is_kept_as_a_keyed_hash_only(identity: ServiceUnderTest, device: str) -> None:
    assert device
    assert HOME not in identity.everything_stored()
