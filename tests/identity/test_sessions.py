import pytest

from chassis.testing import ServiceUnderTest
from services.identity.model.rules import Rules
from tests.identity.portal import Portal, claims, refused


@pytest.fixture
def tokens(portal: Portal) -> dict[str, str]:
    portal.account()
    return portal.session()


def test_a_refresh_gives_a_new_pair_for_the_same_session(portal: Portal, tokens: dict[str, str]) -> None:
    answer = portal.refresh(tokens["refresh_token"])
    assert answer.status_code == 201
    new = answer.get_json()
    assert new.keys() == tokens.keys()
    assert new["device"] == tokens["device"]
    assert new["refresh_token"] != tokens["refresh_token"]
    assert portal.refresh(new["refresh_token"]).status_code == 201


def test_two_tabs_may_refresh_at_the_same_moment(
    portal: Portal, tokens: dict[str, str], rules: Rules
) -> None:
    one = portal.refresh(tokens["refresh_token"])
    portal.wait(seconds=rules.refresh_grace.total_seconds())
    other = portal.refresh(tokens["refresh_token"])
    assert (one.status_code, other.status_code) == (201, 201)
    for tab in (one, other):
        assert portal.refresh(tab.get_json()["refresh_token"]).status_code == 201


def test_a_token_used_again_after_the_grace_ends_the_whole_session(
    portal: Portal, tokens: dict[str, str], rules: Rules
) -> None:
    new = portal.refresh(tokens["refresh_token"]).get_json()
    portal.wait(seconds=rules.refresh_grace.total_seconds() + 1)
    refused(portal.refresh(tokens["refresh_token"]), 401, "session-ended")
    refused(portal.refresh(new["refresh_token"]), 401, "session-ended")


def test_the_token_before_the_previous_one_ends_the_session_even_within_the_grace(
    portal: Portal, tokens: dict[str, str]
) -> None:
    second = portal.refresh(tokens["refresh_token"]).get_json()
    third = portal.refresh(second["refresh_token"]).get_json()
    refused(portal.refresh(tokens["refresh_token"]), 401, "session-ended")
    refused(portal.refresh(third["refresh_token"]), 401, "session-ended")


def test_a_stolen_session_leaves_the_other_sessions_alone(portal: Portal, tokens: dict[str, str]) -> None:
    other = portal.log_in(device=tokens["device"]).get_json()
    portal.refresh(tokens["refresh_token"])
    portal.wait(minutes=1)
    refused(portal.refresh(tokens["refresh_token"]), 401, "session-ended")
    assert portal.refresh(other["refresh_token"]).status_code == 201


def test_a_token_nobody_was_given_is_refused(portal: Portal) -> None:
    refused(portal.refresh("made-up"), 401, "session-ended")


def test_an_idle_session_ends(portal: Portal, tokens: dict[str, str], rules: Rules) -> None:
    idle = rules.session_idle.total_seconds()
    portal.wait(seconds=idle - 1)
    new = portal.refresh(tokens["refresh_token"]).get_json()
    portal.wait(seconds=idle)
    refused(portal.refresh(new["refresh_token"]), 401, "session-ended")


def test_a_session_ends_after_its_longest_time_however_busy(
    portal: Portal, tokens: dict[str, str], rules: Rules
) -> None:
    token, hours = tokens["refresh_token"], int(rules.session_lifetime.total_seconds() // 3600)
    for _ in range(hours - 1):
        portal.wait(hours=1)
        token = portal.refresh(token).get_json()["refresh_token"]
    portal.wait(minutes=55)
    last = portal.refresh(token).get_json()
    assert last["expires_in"] == 300, "an access token does not outlive its session"
    portal.wait(minutes=5)
    refused(portal.refresh(last["refresh_token"]), 401, "session-ended")


def test_logging_out_ends_the_session(
    portal: Portal, tokens: dict[str, str], identity: ServiceUnderTest
) -> None:
    headers = session_headers(identity, tokens)
    for _ in range(2):
        answer = identity.client.delete("/api/v1/sessions/current", headers=headers)
        assert (answer.status_code, answer.data) == (204, b"")
    refused(portal.refresh(tokens["refresh_token"]), 401, "session-ended")


def test_logging_out_needs_a_login(identity: ServiceUnderTest) -> None:
    refused(identity.client.delete("/api/v1/sessions/current"), 401, "not-authenticated")


def session_headers(identity: ServiceUnderTest, tokens: dict[str, str]) -> dict[str, str]:
    """The test kit's own token for the session that `tokens` belong to."""
    said = claims(tokens["access_token"])
    return identity.headers("citizen", said["sub"], sid=said["sid"])
