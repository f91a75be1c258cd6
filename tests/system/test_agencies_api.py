"""An agency's back office without a broker: client credentials, pull and webhook, decisions over REST."""

import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from urllib3.util import make_headers

from tests.notify import receiver as receivers
from tests.notify.receiver import Receiver
from tests.system.caller import Answer, Caller, citizen, people, sent
from tests.system.portal import Portal, eventually

OURS, THEIRS = "H55.242", "H55.24"


@dataclass
class Client:
    """As an operator makes it: `motcua client create`."""

    portal: Portal
    id: str
    secret: str
    token: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    cursor: str = ""

    @classmethod
    def of(cls, portal: Portal, agency: str) -> "Client":
        printed = portal.run("client", "create", "--agency", agency, "--name", "back office").stdout
        told = dict(line.split(": ", 1) for line in printed.splitlines())
        client = cls(portal, told["client_id"], told["client_secret"])
        client.token = client.ask_for_token(client.secret).json["access_token"]
        return client

    def ask_for_token(self, secret: str) -> Answer:
        got = self.portal.http.request(
            "POST",
            f"{self.portal.api}/oauth2/token",
            headers=make_headers(basic_auth=f"{self.id}:{secret}"),
            fields={"grant_type": "client_credentials"},
            encode_multipart=False,
        )
        return Answer(got.status, got.headers, got.data)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Without cookies and CSRF token, as a program calls."""
        given = {"json": body} if body is not None else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        got = self.portal.http.request(
            method,
            self.portal.api + path,
            headers={"Authorization": f"Bearer {self.token}"} | named,
            **given,
        )
        return Answer(got.status, got.headers, got.data)

    def heard(self, code: str, kind: str) -> dict[str, Any] | None:
        """Pulls what is new; the event of that kind about that dossier, once it came."""
        page = self.call("GET", f"/agency/events?limit=100&after={self.cursor}").json
        self.events += page["events"]
        self.cursor = page["next"]
        wanted = f"motcua.dossier.{kind}.v1"
        return next((e for e in self.events if (e["type"], e["subject"]) == (wanted, code)), None)


@pytest.fixture(scope="module")
def client(portal: Portal) -> Client:
    return Client.of(portal, OURS)


@pytest.fixture(scope="module")
def an(portal: Portal) -> Caller:
    (person,) = people(portal, 1)
    who = citizen(portal, person)
    who.register(person)
    who.log_in()
    return who


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receivers.running() as running:
        yield running


def test_a_back_office_hears_reads_decides_and_hears_of_it(an: Caller, client: Client) -> None:
    code = str(sent(an, agency=OURS)["code"])
    submitted = eventually(lambda: client.heard(code, "submitted"))
    shown = client.call("GET", f"/desk/dossiers/{code}")
    assert shown.json["version"] == submitted["data"]["version"]
    file = client.call("GET", f"/desk/dossiers/{code}/files/{shown.json['files'][0]['id']}")
    assert (file.status, file.data[:4]) == (200, b"%PDF")
    decision = {"action": "accept", "decision_id": str(uuid4())}
    answers = [
        client.call("POST", f"/desk/dossiers/{code}/decisions", decision, If_Match=shown.headers["ETag"])
        for _ in range(2)
    ]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    accepted = eventually(lambda: client.heard(code, "accepted"))
    assert accepted["position"] > submitted["position"]
    assert [event["position"] for event in client.events] == list(range(1, len(client.events) + 1))


def test_another_agencys_client_is_told_nothing(an: Caller, client: Client, portal: Portal) -> None:
    code = str(sent(an, agency=OURS)["code"])
    eventually(lambda: client.heard(code, "submitted"))
    other = Client.of(portal, THEIRS)
    assert other.call("GET", f"/desk/dossiers/{code}").status == 404
    decision = {"action": "accept", "decision_id": str(uuid4())}
    refused = other.call("POST", f"/desk/dossiers/{code}/decisions", decision, If_Match='"3"')
    assert (refused.status, refused.json["code"]) == (404, "dossier-not-found")
    assert other.heard(code, "submitted") is None
    assert an.get(f"/dossiers/{code}")["status"] == 1


def test_a_wrong_secret_and_a_revoked_client_get_no_token(client: Client, portal: Portal) -> None:
    wrong = client.ask_for_token(client.secret + "x")
    assert (wrong.status, wrong.json["error"]) == (401, "invalid_client")
    assert wrong.headers["WWW-Authenticate"] == 'Basic realm="motcua"'
    revoked = Client.of(portal, OURS)
    portal.run("client", "revoke", revoked.id)
    assert revoked.ask_for_token(revoked.secret).status == 401


def test_a_webhook_brings_history_and_what_is_new_signed_and_again_when_asked(
    an: Caller, client: Client, receiver: Receiver
) -> None:
    before = str(sent(an, agency=OURS)["code"])
    eventually(lambda: client.heard(before, "submitted"))
    url = receiver.url("127.0.0.1", "http")
    put = client.call("PUT", "/agency/webhook", {"url": url})
    assert put.status == 200, put.data
    key = base64.b64decode(put.json["secret"].removeprefix("whsec_"))
    after = str(sent(an, agency=OURS)["code"])
    eventually(lambda: after in subjects(receiver))
    first = positions(receiver)
    assert before in subjects(receiver)
    assert first == list(range(1, len(first) + 1))
    for headers, body in receiver.heard:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        assert headers["webhook-signature"] == f"v1,{mac}"
    asked = client.call("POST", "/agency/replays", {"door": "webhook"})
    assert asked.json == {"door": "webhook", "from_position": 1, "until_position": len(first)}
    eventually(lambda: positions(receiver) == first * 2)
    assert client.call("GET", "/agency/webhook").json["state"] == "enabled"
    assert client.call("DELETE", "/agency/webhook").status == 204


def positions(receiver: Receiver) -> list[int]:
    return [json.loads(body)["position"] for _, body in receiver.heard]


def subjects(receiver: Receiver) -> list[str]:
    return [json.loads(body)["subject"] for _, body in receiver.heard]
