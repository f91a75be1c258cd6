"""What was ended from elsewhere goes nowhere any more, though its access token is still good."""

import base64
import json
import time
from collections.abc import Iterator

import pytest
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient

from gateway import ended
from gateway.app import create_app
from tests.gateway.public_portal import Portal, create, running, settings

SESSION, OTHER, AWAY = "0192-ended", "0192-open", "identity is away"


def token(session: str) -> str:
    claims = {"sub": "0191", "kind": "citizen", "acr": "medium", "exp": time.time() + 600, "sid": session}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"


@pytest.fixture
def told() -> list[str]:
    """What identity says was ended."""
    return []


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def app(portal: Portal, told: list[str]) -> Iterator[Flask]:
    services = create(portal)

    @services.get("/api/v1/sessions/ended")
    def list_ended() -> tuple[Response, int]:
        return jsonify(items=told), 503 if AWAY in told else 200

    with running(portal, services) as url:
        yield create_app(settings(url))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def ask(client: FlaskClient, session: str) -> int:
    headers = {"Authorization": f"Bearer {token(session)}"}
    return client.get("/api/v1/procedures", headers=headers).status_code


def test_an_ended_session_is_refused_at_the_door_and_others_pass(
    client: FlaskClient, told: list[str]
) -> None:
    told.append(SESSION)
    answer = client.get("/api/v1/procedures", headers={"Authorization": f"Bearer {token(SESSION)}"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "session-ended")
    assert ask(client, OTHER) == 200


def test_the_list_is_asked_for_once_in_a_few_seconds_and_then_anew(
    client: FlaskClient, portal: Portal, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [ask(client, SESSION) for _ in range(5)] == [200] * 5
    assert portal.called("GET", "/api/v1/sessions/ended") == 1
    told.append(SESSION)
    monkeypatch.setattr(ended, "EVERY", 0)
    assert ask(client, SESSION) == 401


def test_while_identity_is_away_what_was_known_before_counts(
    client: FlaskClient, portal: Portal, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told.append(SESSION)
    assert ask(client, SESSION) == 401
    monkeypatch.setattr(ended, "EVERY", 0)
    told.append(AWAY)
    assert (ask(client, SESSION), ask(client, OTHER)) == (401, 200)
    assert portal.called("GET", "/api/v1/sessions/ended") > 1


def test_the_browser_of_an_ended_session_is_asked_to_log_in(
    client: FlaskClient, portal: Portal, told: list[str]
) -> None:
    told.append(SESSION)
    portal.refresh_refused = True
    client.set_cookie("motcua", "refresh-1")
    client.set_cookie("motcua-access", token(SESSION))
    page = client.get("/tai-khoan")
    assert page.status_code == 302
    assert "/dang-nhap" in page.location
    assert "ended=1" in page.location
