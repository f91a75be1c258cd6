"""Decisions to the portal over AMQP: each is confirmed by the broker, or sent again under the same id."""

import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError
from pika.exceptions import UnroutableError as Unroutable

from motcua_agency.backoff import BackOff
from motcua_agency.errors import AwayError, UnconfirmedError, UnroutableError
from motcua_agency.link import Link, said

TYPE = "motcua.agency.decision.v1"
NAMESPACE = UUID("0191f3b0-5b1a-7c60-9d5e-6d6f74637561")
ONE_TRY_SECONDS = 20.0


@dataclass(frozen=True)
class Decision:
    """`expected_version` is the dossier's version it was made on: the `version` of the event's data."""

    decision_id: str
    code: str
    action: str
    expected_version: int
    reason: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        wanted: Mapping[str, Any] = vars(self)
        return {name: value for name, value in wanted.items() if value is not None}

    def cloud_event(self) -> bytes:
        event = {
            "specversion": "1.0",
            "id": self.decision_id,
            "source": "/agencies",
            "type": TYPE,
            "subject": self.code,
            "time": datetime.now(UTC).isoformat(),
            "sequence": self.expected_version,
            "datacontenttype": "application/json",
            "data": self.data,
        }
        return json.dumps(event, ensure_ascii=False).encode()


def decision(
    code: str,
    action: str,
    expected_version: int,
    reason: str | None = None,
    decision_id: str | UUID | None = None,
) -> Decision:
    """Without a `decision_id`, one is made of the content: the same decision has the same id for ever,
    in another process too, so a repeat is never applied twice."""
    made = uuid5(NAMESPACE, json.dumps([code, action, expected_version, reason]))
    return Decision(str(decision_id or made), code, action, expected_version, reason)


class DecisionsLink:
    """The broker blocks those who publish when it is short of memory: so this is a connection of its own."""

    def __init__(self, parameters: pika.URLParameters, account: str, exchange: str, key: str) -> None:
        self._parameters, self._account = parameters, account
        self._exchange, self._key = exchange, key
        self._link: Link | None = None
        self._lock = threading.Lock()

    def send(self, wanted: Decision, within: float) -> None:
        """On return the broker has it safe. UnroutableError; UnconfirmedError after `within` seconds."""
        until = time.monotonic() + within
        pause = BackOff(first=0.2, most=5.0)
        problem = ""
        while (left := until - time.monotonic()) > 0:
            link = self._started()
            if not link.wait_until_up(left):
                problem = link.problem
                continue
            try:
                self._try(link, wanted, min(ONE_TRY_SECONDS, left))
                return
            except Unroutable as error:
                raise UnroutableError(
                    f"UnroutableError: nobody takes {self._exchange} {self._key}"
                ) from error
            except NotInTime:
                problem = problem or "the broker did not confirm it in time"
            except (AMQPError, AwayError, OSError) as error:
                problem = said(error)
            self._abandon(link)
            time.sleep(max(0.0, min(pause.next(), until - time.monotonic())))
        raise UnconfirmedError(f"decision {wanted.decision_id}: {problem}")

    def close(self) -> None:
        with self._lock:
            link, self._link = self._link, None
        if link:
            link.stop()

    def _try(self, link: Link, wanted: Decision, seconds: float) -> None:
        done: Future[None] = link.call(partial(self._publish, wanted))
        done.result(seconds)

    def _publish(self, wanted: Decision, channel: BlockingChannel) -> None:
        properties = pika.BasicProperties(
            content_type="application/cloudevents+json",
            delivery_mode=pika.DeliveryMode.Persistent,
            message_id=wanted.decision_id,
            user_id=self._account,
        )
        channel.basic_publish(self._exchange, self._key, wanted.cloud_event(), properties, mandatory=True)

    def _started(self) -> Link:
        with self._lock:
            if self._link is None:
                self._link = Link(self._parameters, "decisions", BlockingChannel.confirm_delivery)
                self._link.start()
            return self._link

    def _abandon(self, link: Link) -> None:
        """After any doubt nothing more is asked of that connection: a late confirm would be misread."""
        with self._lock:
            if self._link is link:
                self._link = None
        link.stop(within=0)
