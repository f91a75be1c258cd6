"""An agency's webhook: its events posted in order, signed, tried for days, disabled with a notice."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from services.notify.adapters import Ports
from services.notify.commands import calling
from services.notify.model.doors import DoorRules
from services.notify.tables import agencies, agency_log, webhooks
from tests.notify import receiver as receivers
from tests.notify.builders import registered
from tests.notify.receiver import Receiver
from tests.notify.test_pulling import KEPT, pulled, refusal, submit

RULES = DoorRules()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return receivers.certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def receiver(certificate: Path) -> Iterator[Receiver]:
    with receivers.running(certificate) as running:
        yield running


@pytest.fixture
def other(certificate: Path) -> Iterator[Receiver]:
    with receivers.running(certificate) as running:
        yield running


@pytest.fixture
def sut(notify: ServiceUnderTest, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> ServiceUnderTest:
    monkeypatch.setattr(notify.units, "ports", Ports(webhooks=receivers.post(certificate, seconds=0.4)))
    notify.hear(registered(notify))
    return notify


def call(sut: ServiceUnderTest, method: str, path: str = "", body: Any = None, **who: Any) -> TestResponse:
    headers = who.get("headers") or sut.as_agency(who.get("agency", "H01"))
    with sut.app.test_client() as caller:
        return caller.open(f"/api/v1/agency/webhook{path}", method=method, json=body, headers=headers)


def put(sut: ServiceUnderTest, receiver: Receiver, agency: str = "H01") -> str:
    answer = call(sut, "PUT", body={"url": receiver.url()}, agency=agency)
    assert answer.status_code == 200, answer.text
    said: Any = answer.json
    assert (said["url"], said["state"]) == (receiver.url(), "enabled")
    return str(said["secret"])


def shown(sut: ServiceUnderTest, agency: str = "H01") -> Any:
    answer = call(sut, "GET", agency=agency)
    assert answer.status_code == 200, answer.text
    return answer.json


def serve(sut: ServiceUnderTest) -> None:
    for _ in range(100):
        if not (sut.tick("call-webhooks-1") or sut.tick("retry-webhooks-1")):
            return
    pytest.fail("it is called without end")


def positions(receiver: Receiver) -> list[int]:
    return [json.loads(body)["position"] for _, body in receiver.heard]


def deliveries(sut: ServiceUnderTest, query: str = "", **who: Any) -> Any:
    answer = call(sut, "GET", f"/deliveries{query}", **who)
    assert answer.status_code == 200, answer.text
    return answer.json


def replay(sut: ServiceUnderTest, after: str | None = None, door: str = "webhook") -> TestResponse:
    body = {"door": door} | ({"after": after} if after else {})
    with sut.app.test_client() as caller:
        return caller.post("/api/v1/agency/replays", json=body, headers=sut.as_agency("H01"))


def test_events_are_posted_in_order_each_signed_with_its_own_id(
    sut: ServiceUnderTest, receiver: Receiver
) -> None:
    submit(sut, 3)
    secret = put(sut, receiver)
    serve(sut)
    submit(sut, 2, first=4)
    serve(sut)
    assert positions(receiver) == [1, 2, 3, 4, 5]
    with sut.units() as uow:
        kept = uow.session.execute(select(agency_log).order_by(agency_log.c.position)).all()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    for (headers, body), row in zip(receiver.heard, kept, strict=True):
        assert json.loads(body) == row.event
        assert headers["Content-Type"] == "application/cloudevents+json"
        id, at = headers["webhook-id"], headers["webhook-timestamp"]
        assert (id, int(at)) == (str(row.event_id), int(sut.clock.now.timestamp()))
        mac = hmac.digest(key, f"{id}.{at}.".encode() + body, "sha256")
        assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"


def test_the_secret_is_shown_once_and_stored_unreadably(sut: ServiceUnderTest, receiver: Receiver) -> None:
    secret = put(sut, receiver)
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert "secret" not in shown(sut)
    stored = sut.everything_stored()
    assert secret not in stored
    assert str(base64.b64decode(secret.removeprefix("whsec_"))) not in stored


def test_a_webhook_set_again_has_a_new_secret_and_goes_on_where_it_was(
    sut: ServiceUnderTest, receiver: Receiver, other: Receiver
) -> None:
    submit(sut, 2)
    first = put(sut, receiver)
    serve(sut)
    assert put(sut, other) != first
    submit(sut, 1, first=3)
    serve(sut)
    assert (positions(receiver), positions(other)) == ([1, 2], [3])


def test_what_is_not_taken_comes_again_and_nothing_overtakes_it(
    sut: ServiceUnderTest, receiver: Receiver
) -> None:
    submit(sut, 2)
    put(sut, receiver)
    receiver.status = 500
    serve(sut)
    assert positions(receiver) == [1]
    now = shown(sut)
    assert (now["state"], now["position"], now["waiting"]) == ("enabled", 0, 2)
    assert now["last_error"] == "answered-500"
    assert "failing_since" in now
    assert "next_try_at" in now
    serve(sut)
    assert positions(receiver) == [1], "not before its pause is over"
    receiver.status = 204
    sut.clock.move(timedelta(seconds=2))
    serve(sut)
    assert positions(receiver) == [1, 1, 2]
    assert receiver.heard[0][0]["webhook-id"] == receiver.heard[1][0]["webhook-id"]
    assert shown(sut).keys() == {"url", "state", "position", "waiting"}


def test_pauses_grow_with_each_failure(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 1)
    put(sut, receiver)
    receiver.status = 503
    for _ in range(10):
        serve(sut)
        sut.clock.move(timedelta(seconds=2))
    assert 3 <= len(receiver.heard) <= 5


def test_after_days_of_failure_it_is_disabled_with_a_notice_and_enabled_by_the_agency(
    sut: ServiceUnderTest, receiver: Receiver
) -> None:
    submit(sut, 2)
    put(sut, receiver)
    receiver.behaviour = "nonsense"
    tried = 0
    while shown(sut)["state"] == "enabled":
        serve(sut)
        tried += 1
        assert tried < 200, "it is tried for ever"
        sut.clock.move(timedelta(hours=1))
    assert timedelta(hours=tried) >= RULES.webhook_patience
    assert len(receiver.heard) > 60, "tried all the time"
    now = shown(sut)
    assert now["last_error"] == "broken-answer"
    assert "failing_since" in now
    assert "disabled_at" in now
    assert "bị tắt" in now["notice"]
    count = len(receiver.heard)
    sut.clock.move(timedelta(days=1))
    serve(sut)
    assert len(receiver.heard) == count
    receiver.behaviour = ""
    enabled: Any = call(sut, "POST", "/enablement")
    assert (enabled.status_code, enabled.json["state"], "notice" in enabled.json) == (200, "enabled", False)
    serve(sut)
    assert positions(receiver)[count:] == [1, 2]


def test_a_receiver_that_is_gone_is_disabled_at_once(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 1)
    put(sut, receiver)
    receiver.status = 410
    serve(sut)
    assert shown(sut)["state"] == "disabled"


def test_one_failing_agency_delays_no_other(
    sut: ServiceUnderTest, receiver: Receiver, other: Receiver
) -> None:
    """Once it has failed, it is tried in lanes of its own: those of the others never meet it."""
    submit(sut, 1)
    put(sut, receiver)
    put(sut, other, agency="H55.242")
    receiver.behaviour = "hangs"
    assert sut.tick("call-webhooks-1") == 1
    sut.clock.move(timedelta(hours=1))
    submit(sut, 3, agency="H55.242")
    while sut.tick("call-webhooks-1"):
        pass
    assert (positions(receiver), positions(other)) == ([1], [1, 2, 3])
    assert sut.tick("retry-webhooks-1") == 1
    assert positions(receiver) == [1, 1]


def test_lanes_side_by_side_keep_the_order_of_each_agency(
    sut: ServiceUnderTest, receiver: Receiver, other: Receiver
) -> None:
    for agency, place in (("H01", receiver), ("H55.242", other)):
        submit(sut, 50, agency=agency)
        put(sut, place, agency=agency)
        place.seconds = 0.002

    def lane() -> None:
        for _ in range(12):
            sut.tick("call-webhooks-1")

    lanes = [threading.Thread(target=lane) for _ in range(6)]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    serve(sut)
    assert positions(receiver) == positions(other) == list(range(1, 51))
    assert receiver.most_busy == other.most_busy == 1


def test_a_sender_that_died_is_followed_by_another(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 1)
    put(sut, receiver)
    with sut.units() as uow:
        assert calling.claim(uow, failing=False)
    serve(sut)
    assert receiver.heard == [], "its lease still holds"
    sut.clock.move(calling.LEASE)
    serve(sut)
    assert positions(receiver) == [1]


def test_who_lost_the_lease_has_no_word_on_how_far_it_is(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 2)
    put(sut, receiver)
    with sut.units() as uow:
        batch = calling.claim(uow, failing=False)
    assert batch
    put(sut, receiver)
    with sut.units() as uow:
        assert not calling.mark_delivered(uow, batch, batch.entries[0])
        calling.release(uow, batch)
    assert shown(sut)["position"] == 0
    serve(sut)
    assert positions(receiver) == [1, 2]


def test_a_webhook_taken_away_during_a_call_stays_away(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 2)
    put(sut, receiver)
    with sut.units() as uow:
        batch = calling.claim(uow, failing=False)
    assert batch
    assert call(sut, "DELETE").status_code == 204
    with sut.units() as uow:
        assert not calling.mark_delivered(uow, batch, batch.entries[0])
    assert refusal(call(sut, "GET")) == (404, "no-webhook")
    for method, path in (("DELETE", ""), ("POST", "/enablement")):
        assert refusal(call(sut, method, path)) == (404, "no-webhook")
    assert deliveries(sut) == {"items": [], "next_cursor": None}


def test_the_newest_deliveries_come_first_with_what_went_wrong(
    sut: ServiceUnderTest, receiver: Receiver
) -> None:
    submit(sut, 24)
    put(sut, receiver)
    serve(sut)
    submit(sut, 1, first=25)
    receiver.status = 404
    for _ in range(2):
        serve(sut)
        sut.clock.move(timedelta(seconds=10))
    page = deliveries(sut)
    newest = page["items"][0]
    assert (newest["position"], newest["status"], newest["attempts"]) == (25, "failing", 2)
    assert (newest["error"], newest["type"]) == ("answered-404", "motcua.dossier.submitted.v1")
    assert newest["subject"] == "H01-261123-0025"
    assert newest["event_id"] == receiver.heard[-1][0]["webhook-id"], "as the receiver's own log has it"
    assert "error" not in page["items"][1]
    assert [item["position"] for item in page["items"]] == list(range(25, 5, -1))
    rest = deliveries(sut, f"?cursor={page['next_cursor']}")
    assert [item["position"] for item in rest["items"]] == [5, 4, 3, 2, 1]
    assert rest["next_cursor"] is None
    assert call(sut, "GET", "/deliveries?cursor=x").status_code == 400


def test_officials_see_and_enable_and_only_clients_change(sut: ServiceUnderTest, receiver: Receiver) -> None:
    put(sut, receiver)
    official = sut.as_official("H01")
    assert call(sut, "GET", headers=official).status_code == 200
    assert deliveries(sut, headers=official)["items"] == []
    assert call(sut, "POST", "/enablement", headers=official).status_code == 200
    assert call(sut, "PUT", body={"url": receiver.url()}, headers=official).status_code == 403
    assert call(sut, "DELETE", headers=official).status_code == 403
    for nobody in (sut.as_citizen(), sut.as_operator()):
        for method, path in (("GET", ""), ("GET", "/deliveries"), ("POST", "/enablement")):
            assert call(sut, method, path, headers=nobody).status_code == 403


def test_an_agency_sees_nothing_of_anothers(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 1)
    put(sut, receiver)
    serve(sut)
    for who in (sut.as_agency("H55.242"), sut.as_official("H55.242")):
        assert call(sut, "GET", headers=who).status_code == 404
        assert deliveries(sut, headers=who)["items"] == []
        assert call(sut, "POST", "/enablement", headers=who).status_code == 404


def test_an_address_inside_is_refused_unless_allowed(sut: ServiceUnderTest, monkeypatch: Any) -> None:
    monkeypatch.setattr(sut.units, "ports", replace(Ports()))
    answer: Any = call(sut, "PUT", body={"url": "https://10.0.0.1/hook"})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/url")
    assert call(sut, "GET").status_code == 404


def test_a_replay_brings_history_and_then_what_is_live(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 4)
    put(sut, receiver)
    serve(sut)
    _, cursor = pulled(sut, limit=2)
    answer = replay(sut, cursor)
    assert answer.status_code == 202
    assert answer.json == {"door": "webhook", "from_position": 3, "until_position": 4}
    submit(sut, 1, first=5)
    serve(sut)
    assert positions(receiver) == [1, 2, 3, 4, 3, 4, 5]
    assert replay(sut).json == {"door": "webhook", "from_position": 1, "until_position": 5}
    serve(sut)
    assert positions(receiver)[7:] == [1, 2, 3, 4, 5]


def test_a_replay_asked_for_during_a_call_begins_after_it(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 3)
    put(sut, receiver)
    with sut.units() as uow:
        batch = calling.claim(uow, failing=False)
    assert batch
    assert replay(sut).status_code == 202
    with sut.units() as uow:
        assert calling.mark_delivered(uow, batch, batch.entries[0])
        calling.release(uow, batch)
    serve(sut)
    assert positions(receiver) == [1, 2, 3]


def test_a_replay_skips_nothing_that_was_not_delivered(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 4)
    put(sut, receiver)
    _, cursor = pulled(sut, limit=3)
    assert replay(sut, cursor).json == {"door": "webhook", "from_position": 1, "until_position": 4}
    serve(sut)
    assert positions(receiver) == [1, 2, 3, 4]


def test_of_two_replays_the_one_that_goes_back_further_counts(
    sut: ServiceUnderTest, receiver: Receiver
) -> None:
    submit(sut, 4)
    put(sut, receiver)
    serve(sut)
    cursors = [pulled(sut, limit=limit)[1] for limit in (1, 3)]
    for cursor in cursors:
        assert replay(sut, cursor).status_code == 202
    serve(sut)
    assert positions(receiver)[4:] == [2, 3, 4]


def test_a_replay_that_cannot_be_is_refused(sut: ServiceUnderTest, receiver: Receiver) -> None:
    submit(sut, 2)
    _, cursor = pulled(sut, limit=1)
    assert refusal(replay(sut)) == (404, "no-webhook")
    assert refusal(replay(sut, door="amqp")) == (409, "not-connected")
    assert replay(sut, door="post").status_code == 422
    put(sut, receiver)
    assert refusal(replay(sut, "x")) == (400, "bad-cursor")
    with sut.units() as uow:
        uow.session.execute(update(webhooks).values(state="disabled"))
    assert refusal(replay(sut)) == (409, "webhook-disabled")
    sut.clock.move(KEPT + timedelta(seconds=1))
    while sut.tick("prune-agency-log"):
        pass
    assert refusal(replay(sut, cursor)) == (410, "cursor-too-old")


def test_what_was_pruned_while_it_was_disabled_is_a_gap_and_no_end(
    sut: ServiceUnderTest, receiver: Receiver
) -> None:
    submit(sut, 3)
    put(sut, receiver)
    with sut.units() as uow:
        uow.session.execute(update(webhooks).values(state="disabled"))
    sut.clock.move(KEPT + timedelta(seconds=1))
    while sut.tick("prune-agency-log"):
        pass
    assert call(sut, "POST", "/enablement").status_code == 200
    serve(sut)
    assert positions(receiver) == []
    submit(sut, 1, first=4)
    serve(sut)
    assert positions(receiver) == [4]
    with sut.units() as uow:
        assert uow.session.scalar(select(agencies.c.pruned_position)) == 3
