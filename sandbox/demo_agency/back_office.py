"""The agency over AMQP: its events come from its own queue, its decisions go to the decisions' exchange.

It keeps nothing. Each event of a dossier leads to at most one decision, whose id is made from the
event's id: an event delivered twice sends the same decision twice, and the portal applies it once.
The next decision waits for the event that the last one caused.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

import msgspec
import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from chassis import envelope
from chassis.envelope import Undecodable
from contracts.agency import Action, Decision
from contracts.dossier import (
    DecisionApplied,
    DecisionRejected,
    DossierAccepted,
    DossierFinished,
    DossierForwarded,
    DossierSubmitted,
    WithdrawalRequested,
)
from contracts.event import Message
from vocabulary.codes import agency_account, agency_key

EXCHANGE = "motcua.decisions"
AGAIN_AFTER_SECONDS = 2.0

ANSWERS: dict[str, Action] = {
    DossierSubmitted.type: "accept",
    DossierAccepted.type: "forward",
    DossierForwarded.type: "finish",
    DossierFinished.type: "hand-over",
    WithdrawalRequested.type: "close-withdrawal",
}


class Happened(msgspec.Struct, frozen=True):
    """What this office reads of a dossier's event."""

    code: str
    version: int


@dataclass(frozen=True)
class BackOffice:
    """`pause` in seconds before each decision, so that a person can watch the dossier move."""

    agency: str
    amqp_url: str
    pause: float
    say: Callable[[str], None]

    @property
    def key(self) -> str:
        return agency_key(self.agency)

    def work(self) -> None:
        """For ever; a broker that went away is looked for again."""
        while True:
            try:
                self._listen()
            except (AMQPError, OSError) as error:
                self.say(f"the broker is away ({type(error).__name__}), trying again")
                time.sleep(AGAIN_AFTER_SECONDS)

    def _listen(self) -> None:
        parameters = pika.URLParameters(self.amqp_url)
        parameters.heartbeat = 20
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_qos(prefetch_count=1)
            channel.basic_consume(f"agency.{self.key}", self._hear)
            self.say(f"{self.agency} takes dossiers from its queue")
            channel.start_consuming()

    def _hear(self, channel: BlockingChannel, method: Any, _properties: Any, body: bytes) -> None:
        """The event is acknowledged once the broker has the decision safe."""
        try:
            decision = self._decide(envelope.open_up(body))
        except (Undecodable, msgspec.ValidationError) as error:
            self.say(f"an event that cannot be read was left out: {error}")
            decision = None
        if decision:
            channel.connection.sleep(self.pause)
            self._send(channel, decision)
        channel.basic_ack(method.delivery_tag)

    def _decide(self, message: Message) -> Decision | None:
        if message.type == DecisionApplied.type:
            return None
        if message.type == DecisionRejected.type:
            self.say(f"not applied: {envelope.data_of(message, DecisionRejected).problem}")
        action = ANSWERS.get(message.type)
        return decision_on(message, action) if action else None

    def _send(self, channel: BlockingChannel, decision: Decision) -> None:
        """Raises when the broker did not take it, or had nowhere to put it."""
        body = envelope.seal_up(
            decision, decision.decision_id, datetime.now(UTC), decision.expected_version, None
        )
        properties = pika.BasicProperties(
            content_type=envelope.CONTENT_TYPE,
            delivery_mode=pika.DeliveryMode.Persistent,
            message_id=str(decision.decision_id),
            user_id=agency_account(self.agency),
        )
        channel.basic_publish(EXCHANGE, f"{self.key}.decision", body, properties, mandatory=True)
        self.say(f"{decision.code}: {decision.action}")


def decision_on(message: Message, action: Action) -> Decision:
    happened = msgspec.json.decode(message.data, type=Happened)
    return Decision(
        decision_id=uuid5(message.id, action),
        code=happened.code,
        action=action,
        expected_version=happened.version,
    )
