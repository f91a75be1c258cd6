"""Forged and stale tokens: none is taken, neither as an access token nor as a refresh token."""

import secrets
from collections.abc import Iterator
from uuid import UUID

from chassis.testing import ServiceUnderTest
from tests.conftest import Say
from tests.identity.portal import Portal
from tests.security.forging import Forger

LEAST = 200


def status(identity: ServiceUnderTest, authorization: str) -> int:
    headers = {"Authorization": authorization.encode("utf-8", "replace").decode("latin-1")}
    return identity.app.test_client().get("/api/v1/account", headers=headers).status_code


def test_no_forged_or_stale_access_token_is_taken(
    identity: ServiceUnderTest, portal: Portal, say: Say
) -> None:
    account = UUID(portal.account()["account_id"])
    good = identity.as_citizen(account)["Authorization"].removeprefix("Bearer ")
    tried: dict[str, int] = {}
    for name, forged in Forger(good, int(identity.clock.timestamp()), account).all():
        assert forged != good, name
        tried[name] = status(identity, f"Bearer {forged}")
    assert {name: code for name, code in tried.items() if code != 401} == {}
    assert status(identity, f"Bearer {good}") == 200, "the good one is"
    assert len(tried) >= LEAST
    say(f"tokens: 0 of {len(tried)} forged or stale access tokens taken")


def test_a_token_that_was_good_is_not_remembered_for_longer_than_it_is(
    identity: ServiceUnderTest, portal: Portal
) -> None:
    bearer = identity.as_citizen(UUID(portal.account()["account_id"]))["Authorization"]
    assert status(identity, bearer) == 200
    portal.wait(minutes=11)
    assert status(identity, bearer) == 401


def test_a_good_token_under_another_scheme_is_none(identity: ServiceUnderTest, portal: Portal) -> None:
    good = identity.as_citizen(UUID(portal.account()["account_id"]))["Authorization"].removeprefix("Bearer ")
    for scheme in ("", "Basic ", "Token ", "Bearer", "Digest "):
        assert status(identity, f"{scheme}{good}") == 401, scheme


def test_no_stale_or_made_up_refresh_token_is_taken(portal: Portal, say: Say) -> None:
    portal.account()
    stale = [token for _ in range(4) for token in chain(portal)]
    made_up = [secrets.token_urlsafe(32) for _ in range(200)]
    near = [token[:-1] + ("A" if token[-1] != "A" else "E") for token in stale] + [t[:-1] for t in stale]
    tried = [*stale, *made_up, *near, "", " ", "null", "a" * 5000]
    taken = [token for token in tried if portal.refresh(token).status_code not in (401, 422)]
    assert taken == []
    say(f"tokens: 0 of {len(tried)} made up or stale refresh tokens taken")


def chain(portal: Portal) -> Iterator[str]:
    """Refresh tokens of one session that was ended by one of them coming back."""
    portal.wait(hours=1)
    token = portal.session()["refresh_token"]
    for _ in range(6):
        yield token
        portal.wait(minutes=1)
        token = portal.refresh(token).get_json()["refresh_token"]
    yield token
    portal.wait(minutes=5)
    first = portal.refresh(token).get_json()["refresh_token"]
    portal.wait(minutes=5)
    assert portal.refresh(token).status_code == 401, "it came back: the family ends"
    yield first
