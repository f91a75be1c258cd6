"""The demo agency over AMQP, as a process of its own with the rights of an agency's account."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pika
import pytest
import urllib3

from contracts.agency import Decision
from services.notify.model.agency import Access

ACCESS = Access("H55.242")
PROGRAM = "from sandbox.commands import demo_agency; demo_agency()"


WITHOUT_DATA = json.dumps(
    {
        "id": "1",
        "type": "motcua.dossier.submitted.v1",
        "subject": "H55.242-261122-0001",
        "time": "2026-11-22T09:00:00Z",
        "data": {},
    }
).encode()


@dataclass
class Broker:
    """The agencies' part of a broker, seen from the portal's side."""

    url: str
    management: str

    def prepare(self) -> None:
        for queue in (ACCESS.queue, "decisions"):
            self.channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
        self.channel.exchange_declare(ACCESS.decisions_exchange, "topic", durable=True)
        self.channel.queue_bind("decisions", ACCESS.decisions_exchange, "#")
        self.admin("PUT", f"/users/{ACCESS.account}", {"password": "pw", "tags": ""})
        self.admin("PUT", f"/permissions/{self.vhost}/{ACCESS.account}", ACCESS.permissions)
        self.admin("PUT", f"/topic-permissions/{self.vhost}/{ACCESS.account}", ACCESS.topic_permissions)

    def open(self) -> None:
        self.vhost = f"demo-{uuid4().hex[:8]}"
        self.admin("PUT", f"/vhosts/{self.vhost}", {})
        name = urlsplit(self.url).username
        self.admin("PUT", f"/permissions/{self.vhost}/{name}", dict.fromkeys(ACCESS.permissions, ".*"))
        self.connection = pika.BlockingConnection(pika.URLParameters(f"{self.base}/{self.vhost}"))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()

    def close(self) -> None:
        self.connection.close()
        self.admin("DELETE", f"/vhosts/{self.vhost}", None)
        self.admin("DELETE", f"/users/{ACCESS.account}", None)

    @property
    def base(self) -> str:
        return self.url.rsplit("/", 1)[0] if urlsplit(self.url).path else self.url

    @property
    def agency_url(self) -> str:
        at = urlsplit(self.url)
        return f"amqp://{ACCESS.account}:pw@{at.hostname}:{at.port}/{self.vhost}"

    def admin(self, method: str, path: str, body: object) -> None:
        at = urlsplit(self.management)
        headers = urllib3.make_headers(basic_auth=f"{at.username}:{at.password}")
        url = f"http://{at.hostname}:{at.port}/api{path}"
        assert urllib3.request(method, url, json=body, headers=headers).status < 300

    def tell(self, type: str, version: int, id: UUID) -> None:
        event = {
            "specversion": "1.0",
            "id": str(id),
            "source": "/services/dossier",
            "type": f"motcua.dossier.{type}.v1",
            "subject": "H55.242-261122-0001",
            "time": "2026-11-22T09:00:00Z",
            "sequence": version,
            "position": version,
            "datacontenttype": "application/json",
            "data": {"code": "H55.242-261122-0001", "version": version, "status": 1},
        }
        self.channel.basic_publish("", ACCESS.queue, json.dumps(event).encode())

    def decision(self) -> tuple[Any, dict[str, Any]]:
        """The next one: its properties and the event."""
        for _method, properties, body in self.channel.consume(
            "decisions", auto_ack=True, inactivity_timeout=20
        ):
            assert body is not None, "no decision came"
            return properties, json.loads(body)
        raise AssertionError

    def left(self, queue: str) -> int:
        self.channel.cancel()
        count: int = self.channel.queue_declare(queue, passive=True).method.message_count
        return count


@pytest.fixture
def broker(rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[Broker]:
    broker = Broker(rabbitmq_url, rabbitmq_management_url)
    broker.open()
    broker.prepare()
    yield broker
    broker.close()


@pytest.fixture
def office(broker: Broker) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM, "amqp", "--agency", "H55.242", "--pause", "0"]
    environment = os.environ | {"AGENCY_AMQP_URL": broker.agency_url}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as office:
        yield office
        office.send_signal(signal.SIGKILL)


def test_each_event_of_a_dossier_leads_to_the_next_decision_and_the_last_to_none(
    broker: Broker, office: subprocess.Popen[str]
) -> None:
    told = ["submitted", "accepted", "forwarded", "finished", "handed-over", "withdrawal-requested"]
    for version, type in enumerate(told, start=2):
        broker.tell(type, version, uuid4())
    sent = [broker.decision() for _ in range(5)]
    assert [(e["data"]["action"], e["data"]["expected_version"]) for _, e in sent] == [
        ("accept", 2),
        ("forward", 3),
        ("finish", 4),
        ("hand-over", 5),
        ("close-withdrawal", 7),
    ]
    for properties, event in sent:
        assert properties.user_id == ACCESS.account
        assert properties.delivery_mode == 2
        assert properties.content_type == "application/cloudevents+json"
        assert event["id"] == event["data"]["decision_id"]
        assert event["type"] == Decision.type
        assert event["subject"] == "H55.242-261122-0001"
    assert broker.left(ACCESS.queue) == 0


def test_an_event_delivered_twice_sends_the_same_decision_id(
    broker: Broker, office: subprocess.Popen[str]
) -> None:
    id = uuid4()
    broker.tell("submitted", 2, id)
    broker.tell("submitted", 2, id)
    broker.tell("submitted", 2, uuid4())
    first, again, other = [broker.decision()[1]["id"] for _ in range(3)]
    assert first == again != other


def test_a_decision_nobody_would_get_is_sent_again_once_somebody_would(
    broker: Broker, office: subprocess.Popen[str]
) -> None:
    broker.channel.queue_unbind("decisions", ACCESS.decisions_exchange, "#")
    broker.tell("submitted", 2, uuid4())
    assert office.stdout is not None
    assert "takes dossiers" in office.stdout.readline()
    assert "UnroutableError" in office.stdout.readline()
    broker.channel.queue_bind("decisions", ACCESS.decisions_exchange, "#")
    assert broker.decision()[1]["data"]["action"] == "accept"


def test_what_cannot_be_read_is_left_out_and_delays_nobody(
    broker: Broker, office: subprocess.Popen[str]
) -> None:
    for nonsense in (b"no event", WITHOUT_DATA):
        broker.channel.basic_publish("", ACCESS.queue, nonsense)
    broker.tell("submitted", 2, uuid4())
    assert broker.decision()[1]["data"]["action"] == "accept"
    assert broker.left(ACCESS.queue) == 0
