"""An agency's back office that writes down what its queue brings, whatever becomes of the broker."""

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from tests.system.portal import Portal

AGAIN_AFTER_SECONDS = 0.3


@dataclass
class Office:
    """`heard` is every delivery in its order, repeats among them: position and event id."""

    agency: str
    heard: list[tuple[int, str]] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def ids(self) -> set[str]:
        return {id for _, id in self.heard.copy()}

    def out_of_order(self) -> list[tuple[int, str]]:
        """Deliveries that are neither the next position nor the repeat of one that it has."""
        known: dict[int, str] = {}
        wrong = []
        for position, id in self.heard.copy():
            if position != len(known) + 1 and known.get(position) != id:
                wrong.append((position, id))
            known[position] = id
        return wrong

    def repeats(self) -> int:
        heard = self.heard.copy()
        return len(heard) - len(set(heard))

    def open(self, portal: Portal) -> None:
        printed = portal.run("agency", "connect", self.agency).stdout
        told = dict(line.split(": ", 1) for line in printed.splitlines() if ": " in line)
        broker = portal.environment["AMQP_URL"].split("@", 1)[1]
        url = f"amqp://{quote(told['account'])}:{quote(told['password'], safe='')}@{broker}"
        self._thread = threading.Thread(target=self._work, args=[url, told])
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread:
            self._thread.join()

    def _work(self, url: str, told: Mapping[str, str]) -> None:
        while not self._closing.is_set():
            with suppress(AMQPError, OSError), pika.BlockingConnection(pika.URLParameters(url)) as connection:
                self._listen(connection.channel(), told["queue"])
            self._closing.wait(AGAIN_AFTER_SECONDS)

    def _listen(self, channel: BlockingChannel, queue: str) -> None:
        channel.basic_qos(prefetch_count=50)
        for method, _, body in channel.consume(queue, inactivity_timeout=0.2):
            if self._closing.is_set():
                return
            if method and body:
                event: dict[str, Any] = json.loads(body)
                self.heard.append((event["position"], event["id"]))
                channel.basic_ack(method.delivery_tag)
