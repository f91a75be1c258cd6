"""A consumer's watch over its queue: is it still bound to all it hears, and how far is it?

AMQP cannot be asked for bindings. So each minute probes go through the exchange, one for each binding, and
a last one straight to the queue: when that has come, the bindings whose probe has not are missing.
"""

import time
from collections.abc import Callable, Sequence
from uuid import UUID

import amqp
import msgspec
import structlog

from chassis.bus import BusAway, Interest, Outgoing, topology
from chassis.bus.publisher import AmqpPublisher, nothing
from chassis.bus.report import Report
from chassis.db import new_id
from contracts.event import Message

log = structlog.get_logger()

EVERY_SECONDS = 60.0
FIRST_AFTER_SECONDS = 2.0
PROBE = "motcua.bus.probe"


class Probe(msgspec.Struct, frozen=True):
    """`binding` empty: the last of its round."""

    queue: str
    round: UUID
    binding: str = ""


class Watch:
    """For one queue, in the thread of its consumer."""

    def __init__(self, url: str, queue: str, interest: Interest, report: Callable[[Report], None]) -> None:
        self._url = url
        self._queue = queue
        self._bindings = {key: t for t in interest.types for key in topology.binding_keys(t, interest)}
        self._report = report
        self._handled: dict[str, UUID] = {}
        self._round = new_id()
        self._seen: set[str] = set()
        self._next = time.monotonic() + FIRST_AFTER_SECONDS

    def look(self) -> None:
        """Sends a round of probes when it is time."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        self._round, self._seen = new_id(), set()
        exchange = topology.EVENTS.name
        try:
            publisher = AmqpPublisher(self._url, exchange, nothing, mandatory=False)
            try:
                probes = [(exchange, topology.probe_key(key), self._probe(key)) for key in self._bindings]
                last = (topology.FILLING.name, topology.filling_key("probe", self._queue), self._probe(""))
                publisher.publish_to([*probes, last])
            finally:
                publisher.close()
        except BusAway as away:
            log.warning("bindings not looked at", queue=self._queue, error=str(away)[:200])

    def is_probe(self, message: amqp.Message) -> bool:
        return bool(message.properties.get("type") == PROBE)

    def note(self, handled: Sequence[Message], probes: Sequence[amqp.Message]) -> None:
        """What was handled, and the probes that came. Other queues' probes mean nothing here."""
        self._handled |= {message.type: message.id for message in handled}
        for message in probes:
            try:
                probe = msgspec.json.decode(bytes(message.body), type=Probe)
            except msgspec.DecodeError:
                continue
            if (probe.queue, probe.round) == (self._queue, self._round):
                self._seen.add(probe.binding)
                if not probe.binding:
                    self._tell()

    def _tell(self) -> None:
        missing = sorted({self._bindings[key] for key in self._bindings.keys() - self._seen})
        if missing:
            log.error("bindings are missing", queue=self._queue, types=missing)
        try:
            self._report(Report(queue=self._queue, handled=self._handled, missing=missing))
        except BusAway as away:
            log.warning("not reported", queue=self._queue, error=str(away)[:200])

    def _probe(self, binding: str) -> Outgoing:
        body = msgspec.json.encode(Probe(self._queue, self._round, binding))
        return Outgoing(str(new_id()), PROBE, "", body)
