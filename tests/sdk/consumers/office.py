"""A back office on bare pika that does everything right. The wrong ones next to it differ in one thing each.

What it has applied, it reads from its ledger: that is all its state.
"""

import json
import os
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import pika
from pika.exceptions import AMQPError

KNOWN = ("submitted", "accepted", "forwarded", "finished", "withdrawal-requested", "withdrawal-declined")
PAUSE_SECONDS = 0.3


class Office:
    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.at = environment
        lines = self.lines()
        self.applied = {words[1] for words in lines if words[0] == "applied"}
        self.position = max((int(words[1]) for words in lines if words[0] == "at"), default=0)

    def lines(self) -> list[list[str]]:
        try:
            with open(self.at["TESTKIT_LEDGER"], encoding="utf-8") as ledger:  # noqa: PTH123
                return [line.split() for line in ledger]
        except FileNotFoundError:
            return []

    def note(self, *words: object) -> None:
        with open(self.at["TESTKIT_LEDGER"], "a", encoding="utf-8") as ledger:  # noqa: PTH123
            ledger.write(" ".join(map(str, words)) + "\n")

    def work(self) -> None:
        while True:
            try:
                self.listen()
            except (AMQPError, OSError):
                time.sleep(PAUSE_SECONDS)

    def parameters(self) -> Any:
        parameters = pika.URLParameters(self.at["AGENCY_AMQP_URL"])
        parameters.heartbeat = 20
        return parameters

    def listen(self) -> None:
        with pika.BlockingConnection(self.parameters()) as connection:
            channel = connection.channel()
            self.prepare(channel)
            channel.basic_consume(self.at["AGENCY_QUEUE"], self.hear)
            channel.start_consuming()

    def prepare(self, channel: Any) -> None:
        channel.confirm_delivery()
        channel.basic_qos(prefetch_count=10)

    def hear(self, channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        try:
            event = self.read(body)
        except (ValueError, TypeError, KeyError):
            channel.basic_reject(method.delivery_tag, requeue=False)
            return
        self.handle(channel, event)
        channel.basic_ack(method.delivery_tag)

    def read(self, body: bytes) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(body)
        if not event["id"] or not isinstance(event["data"], dict):
            raise ValueError("no event")
        return event

    def handle(self, channel: Any, event: dict[str, Any]) -> None:
        self.look_for_gap(event)
        name = event["type"].removeprefix("motcua.dossier.").removesuffix(".v1")
        if name in ("decision-applied", "decision-rejected"):
            self.outcome(name, event["data"]["decision_id"])
        elif name in KNOWN and not self.has(event):
            self.apply(channel, name, event)
            self.remember(event)

    def has(self, event: dict[str, Any]) -> bool:
        return event["id"] in self.applied

    def remember(self, event: dict[str, Any]) -> None:
        self.applied.add(event["id"])

    def look_for_gap(self, event: dict[str, Any]) -> None:
        position = event.get("position", 0)
        if position > self.position + 1:
            self.note("gap", self.position + 1, position - 1)
        if position > self.position:
            self.note("at", position)
            self.position = position

    def apply(self, channel: Any, name: str, event: dict[str, Any]) -> None:
        if name == "submitted":
            self.decide(channel, event)
        self.note("applied", event["id"])

    def outcome(self, name: str, decision_id: str) -> None:
        self.note("decided" if name == "decision-applied" else "refused", decision_id)

    def decision_id(self, event: dict[str, Any]) -> str:
        return str(uuid5(UUID(event["id"]), "accept"))

    def decide(self, channel: Any, event: dict[str, Any]) -> None:
        id, data = self.decision_id(event), event["data"]
        wanted = {"decision_id": id, "code": data["code"], "action": "accept"}
        decision = {
            "specversion": "1.0",
            "id": id,
            "source": "/agencies",
            "type": "motcua.agency.decision.v1",
            "subject": data["code"],
            "time": "2026-11-22T09:00:00+07:00",
            "sequence": data["version"],
            "datacontenttype": "application/json",
            "data": wanted | {"expected_version": data["version"]},
        }
        self.send(channel, json.dumps(decision).encode())

    def send(self, channel: Any, body: bytes) -> None:
        properties = pika.BasicProperties(delivery_mode=2, user_id=self.at["AGENCY_ACCOUNT"])
        exchange, key = self.at["AGENCY_DECISIONS_EXCHANGE"], self.at["AGENCY_DECISIONS_KEY"]
        channel.basic_publish(exchange, key, body, properties, mandatory=True)


def main(office: type[Office]) -> None:
    office().work()


if __name__ == "__main__":
    main(Office)
