from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.app import create_app
from sandbox.faults import Faults
from sandbox.store import Message, Store

SMS = {"to": "0912000017", "text": "Mã của bạn là 123456", "reference": "r1"}
EMAIL = {"to": "an@example.test", "subject": "Hồ sơ", "text": "Đã nhận", "reference": "r1"}


def sent(client: FlaskClient, to: str = "") -> Any:
    return client.get("/messages", query_string={"to": to} if to else {}).get_json()["items"]


def test_an_sms_is_kept_for_its_phone_however_the_phone_is_written(client: FlaskClient) -> None:
    assert client.post("/sms", json=SMS | {"to": "+84 912 000 017"}).status_code == 202
    (message,) = sent(client, "0912.000.017")
    assert message["channel"] == "sms"
    assert message["to"] == "0912000017"
    assert message["text"] == SMS["text"]
    assert datetime.fromisoformat(message["at"]).utcoffset() is not None
    assert "subject" not in message
    assert sent(client, "0987000028") == []


def test_messages_come_newest_first_and_a_mail_has_its_subject(client: FlaskClient) -> None:
    client.post("/sms", json=SMS)
    client.post("/emails", json=EMAIL)
    assert [message["channel"] for message in sent(client)] == ["email", "sms"]
    (mail,) = sent(client, "an@example.test")
    assert mail["subject"] == "Hồ sơ"


def test_a_reference_sent_again_is_answered_200_and_not_delivered_twice(client: FlaskClient) -> None:
    assert client.post("/sms", json=SMS).status_code == 202
    assert client.post("/sms", json=SMS | {"text": "again"}).status_code == 200
    assert [message["text"] for message in sent(client)] == [SMS["text"]]


def test_a_reference_is_remembered_after_a_restart_and_after_its_message_is_gone(tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox.sqlite", keep=2)
    for number in range(4):
        assert store.take(Message("sms", "0912000017", f"text {number}"), f"r{number}")
    assert [kept.message.text for kept in store.messages()] == ["text 3", "text 2"]
    store.close()
    store = Store(tmp_path / "sandbox.sqlite", keep=2)
    assert create_app(store).test_client().post("/sms", json=SMS | {"reference": "r0"}).status_code == 200
    store.close()


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/sms", SMS | {"to": "12345"}, "to"),
        ("/sms", SMS | {"to": "0100000000"}, "to"),
        ("/sms", {"to": "0912000017", "text": "x"}, "reference"),
        ("/emails", EMAIL | {"to": "nobody"}, "to"),
        ("/emails", EMAIL | {"subject": ""}, "subject"),
    ],
)
def test_a_malformed_message_is_refused_and_nothing_is_kept(
    client: FlaskClient, path: str, body: dict[str, str], field: str
) -> None:
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.get_json()["field"]) == (422, field)
    assert sent(client) == []


def test_a_gateway_told_to_fail_does_nothing_and_one_told_to_lose_answers_does(
    client: FlaskClient, faults: Faults
) -> None:
    faults.failing = 1.0
    assert client.post("/sms", json=SMS).status_code == 500
    assert sent(client) == []
    faults.failing, faults.lost_answers = 0.0, 1.0
    assert client.post("/sms", json=SMS).status_code == 500
    faults.lost_answers = 0.0
    assert client.post("/sms", json=SMS).status_code == 200
    assert len(sent(client)) == 1


def test_a_gateway_told_to_be_down_answers_503_and_no_request_can_switch_a_fault(
    client: FlaskClient, faults: Faults
) -> None:
    client.post("/sms?down=1&failing=1&delay=9", json=SMS, headers={"X-Sandbox-Down": "1"})
    assert len(sent(client)) == 1
    faults.down = True
    assert client.post("/registers/sim", json={}).status_code == 503


def test_faults_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_DELAY", "0.5")
    monkeypatch.setenv("SANDBOX_FAILING", "0.1")
    monkeypatch.setenv("SANDBOX_LOST_ANSWERS", "0.2")
    monkeypatch.setenv("SANDBOX_DOWN", "true")
    assert Faults.from_environment() == Faults(0.5, 0.1, 0.2, True)
