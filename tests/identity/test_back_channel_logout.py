"""Relying parties that want to hear of it are told when a session has ended (Back-Channel Logout 1.0)."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from chassis.testing import ServiceUnderTest
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands.sign_on.telling import EVENT, TRIES
from tests.identity.portal import Portal
from tests.identity.visitor import Person, Visitor, good, logged_in, register

ADDRESS = "https://yte.example.vn/ended"


@dataclass
class Told:
    """What relying parties were told; `takes` is whether they answer well."""

    takes: bool = True
    calls: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, address: str, logout_token: str) -> bool:
        self.calls.append((address, logout_token))
        return self.takes


@pytest.fixture
def told(identity: ServiceUnderTest) -> Told:
    channel = Told()
    assert isinstance(identity.units.ports, IdentityPorts)
    identity.units.ports = replace(identity.units.ports, back_channel=channel)
    return channel


@pytest.fixture
def an(portal: Portal) -> Person:
    portal.account()
    return logged_in(portal)


@pytest.fixture
def ministry(identity: ServiceUnderTest) -> Visitor:
    return register(identity, backchannel_logout_uri=ADDRESS)


def log_out(identity: ServiceUnderTest, an: Person) -> None:
    assert identity.client.delete("/api/v1/sessions/current", headers=an).status_code == 204


def test_a_relying_party_is_told_once_whose_session_ended(
    identity: ServiceUnderTest, told: Told, ministry: Visitor, an: Person
) -> None:
    tokens = ministry.tokens(an)
    sure, known = ministry.id_token(tokens["id_token"]), good(ministry.userinfo(tokens["access_token"]))
    assert identity.tick("tell logouts") == 0
    log_out(identity, an)
    assert identity.tick("tell logouts") == 1
    assert identity.tick("tell logouts") == 0
    ((address, token),) = told.calls
    assert address == ADDRESS
    published: Any = identity.client.get("/api/v1/jwks").get_json()
    heard = jwt.decode(token, KeySet.import_key_set(published), ["ES256"])
    assert heard.header["typ"] == "logout+jwt"
    now = int(identity.clock.timestamp())
    assert heard.claims == {
        "iss": identity.settings.public_url,
        "aud": ministry.id,
        "sub": known["sub"],
        "sid": sure["sid"],
        "iat": now,
        "exp": now + 120,
        "jti": heard.claims["jti"],
        "events": {EVENT: {}},
    }


def test_one_that_does_not_answer_is_told_again_later_and_not_for_ever(
    identity: ServiceUnderTest, told: Told, ministry: Visitor, an: Person
) -> None:
    ministry.tokens(an)
    log_out(identity, an)
    told.takes = False
    assert identity.tick("tell logouts") == 0
    identity.clock.move(timedelta(seconds=9))
    identity.tick("tell logouts")
    assert len(told.calls) == 1
    for _ in range(TRIES + 3):
        identity.clock.move(timedelta(minutes=3))
        identity.tick("tell logouts")
    assert len(told.calls) == TRIES
    assert len({token for _, token in told.calls}) == TRIES


def test_it_is_told_when_it_is_back(
    identity: ServiceUnderTest, told: Told, ministry: Visitor, an: Person
) -> None:
    ministry.tokens(an)
    log_out(identity, an)
    told.takes = False
    identity.tick("tell logouts")
    told.takes = True
    identity.clock.move(timedelta(seconds=10))
    assert identity.tick("tell logouts") == 1


def test_nobody_is_told_who_does_not_want_it_or_never_had_the_person(
    identity: ServiceUnderTest, told: Told, ministry: Visitor, portal: Portal, an: Person
) -> None:
    silent = register(identity, "https://khac.example.vn/back")
    silent.tokens(an)
    ministry.code(an)
    other = logged_in(portal)
    ministry.tokens(other)
    log_out(identity, an)
    assert identity.tick("tell logouts") == 0
    assert told.calls == []
