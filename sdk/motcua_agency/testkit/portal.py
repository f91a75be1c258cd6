"""The portal's side, on a real broker: an agency's queue is filled, its decisions are taken and answered."""

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

import pika
from pika.adapters.blocking_connection import BlockingChannel

from motcua_agency.testkit.wire import EXCHANGE

DELIVERY_LIMIT = 20


@dataclass(frozen=True)
class Told:
    """One event as it was sent. `body` is the same in a repeat."""

    id: str
    type: str
    subject: str
    position: int
    version: int
    body: bytes


@dataclass(frozen=True)
class Taken:
    """A decision as it reached us; `user_id` is who the broker says sent it."""

    user_id: str | None
    decision_id: str
    code: str
    action: str
    expected_version: int


class Portal:
    """Not thread-safe, but for the decisions, which are taken and answered in a thread of their own."""

    def __init__(self, url: str, agency: str) -> None:
        self.agency, self.key = agency, agency.replace(".", "_")
        self.queue = f"agency.{self.key}"
        self.decisions_queue = f"testkit.decisions.{self.key}"
        self.answer: Literal["applied", "rejected"] = "applied"
        self.taken: list[Taken] = []
        self.unreadable: list[str] = []
        self._position = 0
        self._lock = threading.Lock()
        self._connection, self._channel = _open(url)
        self._answering, self._answers = _open(url)
        self._thread = threading.Thread(target=self._take_decisions, daemon=True)

    def open(self) -> None:
        dead = f"{self.queue}.dead"
        self._channel.exchange_declare(EXCHANGE, "topic", durable=True)
        self._channel.queue_declare(dead, durable=True, arguments={"x-queue-type": "quorum"})
        more = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}
        limits = {"x-delivery-limit": DELIVERY_LIMIT, "x-single-active-consumer": True}
        kind = {"x-queue-type": "quorum"}
        self._channel.queue_declare(self.queue, durable=True, arguments=kind | limits | more)
        self._channel.queue_declare(self.decisions_queue, durable=True, arguments=kind)
        self._channel.queue_bind(self.decisions_queue, EXCHANGE, f"{self.key}.decision")
        self._thread.start()

    def close(self) -> None:
        """What it made is taken away; the decisions' exchange stays."""
        self._answering.add_callback_threadsafe(self._answers.stop_consuming)
        self._thread.join(10)
        self._answering.close()
        for queue in (self.queue, f"{self.queue}.dead", self.decisions_queue):
            self._channel.queue_delete(queue)
        self._connection.close()

    def tell(self, type: str, code: str, version: int, **data: Any) -> Told:
        """`type` such as `submitted`; at the next position."""
        full = f"motcua.dossier.{type}.v1"
        facts = {"code": code, "agency": self.agency, "status": 1, "version": version, **data}
        return self._tell(self._channel, full, code, version, facts)

    def repeat(self, told: Told) -> None:
        self.send(told.body)

    def send(self, body: bytes) -> None:
        """As it is, whatever it is."""
        self._publish(self._channel, body)

    def lose_a_position(self) -> int:
        with self._lock:
            self._position += 1
            return self._position

    def _tell(
        self, channel: BlockingChannel, type: str, subject: str, sequence: int, data: dict[str, Any]
    ) -> Told:
        with self._lock:
            self._position += 1
            told = _event(type, subject, sequence, self._position, data)
            self._publish(channel, told.body)
        return told

    def _publish(self, channel: BlockingChannel, body: bytes) -> None:
        properties = pika.BasicProperties(content_type="application/cloudevents+json", delivery_mode=2)
        channel.basic_publish("", self.queue, body, properties, mandatory=True)

    def _take_decisions(self) -> None:
        self._answers.basic_consume(self.decisions_queue, self._take, auto_ack=True)
        self._answers.start_consuming()

    def _take(self, channel: BlockingChannel, _method: Any, properties: Any, body: bytes) -> None:
        try:
            taken = _taken(properties.user_id, body)
        except (ValueError, TypeError, KeyError) as error:
            self.unreadable.append(f"{error!r} in {body[:200]!r}")
            return
        self.taken.append(taken)
        told: dict[str, Any] = {"decision_id": taken.decision_id, "agency": self.agency, "code": taken.code}
        if self.answer == "rejected":
            detail = {"vi": "Hồ sơ đã thay đổi.", "en": "The dossier has changed meanwhile."}
            told |= {"problem": "changed-meanwhile", "detail": detail}
        else:
            told |= {"version": taken.expected_version + 1}
        times = sum(one.decision_id == taken.decision_id for one in self.taken)
        subject = f"decision/{taken.decision_id}"
        self._tell(channel, f"motcua.dossier.decision-{self.answer}.v1", subject, times, told)


def _taken(user_id: str | None, body: bytes) -> Taken:
    event = json.loads(body)
    data = event["data"]
    if event["type"] != "motcua.agency.decision.v1" or not isinstance(data["expected_version"], int):
        raise TypeError("no decision")
    return Taken(user_id, data["decision_id"], data["code"], data["action"], data["expected_version"])


def _event(type: str, subject: str, sequence: int, position: int, data: dict[str, Any]) -> Told:
    id = str(uuid4())
    event = {
        "specversion": "1.0",
        "id": id,
        "source": "/services/dossier",
        "type": type,
        "subject": subject,
        "time": datetime.now(UTC).isoformat(),
        "sequence": sequence,
        "position": position,
        "datacontenttype": "application/json",
        "data": data,
    }
    return Told(id, type, subject, position, sequence, json.dumps(event, ensure_ascii=False).encode())


def _open(url: str) -> tuple[pika.BlockingConnection, BlockingChannel]:
    parameters = pika.URLParameters(url)
    parameters.heartbeat = 0  # the kit is busy elsewhere for as long as a play lasts
    connection = pika.BlockingConnection(parameters)
    channel = connection.channel()
    channel.confirm_delivery()
    return connection, channel
