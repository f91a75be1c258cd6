"""From the agency's queue to its handler: one thread for the broker, one for the handler."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from motcua_agency.backoff import BackOff
from motcua_agency.cursor import Cursor
from motcua_agency.errors import AwayError, UnreadableEventError
from motcua_agency.event import Event, parse
from motcua_agency.link import Link, hand_over
from motcua_agency.positions import Gap, Positions

log = logging.getLogger("motcua_agency")

Handler = Callable[[Event], Any]
NAP_SECONDS = 0.1
SILENCE_SECONDS = 300.0


@dataclass(frozen=True)
class Delivery:
    """`tag` means something on this channel only: after it is closed the event is delivered again."""

    event: Event
    channel: BlockingChannel
    tag: int

    @property
    def is_live(self) -> bool:
        return bool(self.channel.is_open)

    def acknowledge(self) -> None:
        try:
            hand_over(self.channel, partial(_acknowledge, self.channel, self.tag))
        except AwayError:
            log.info("event %s was handled as the connection broke: it will come again", self.event.id)


class Consumer:
    """`heard` sees every event as it arrives, in the link's thread; the handler gets it in turn."""

    def __init__(
        self,
        parameters: pika.URLParameters,
        queue_name: str,
        cursor: Cursor | None,
        on_gap: Callable[[Gap], Any],
        prefetch: int,
        heard: Callable[[Event], None],
    ) -> None:
        self._parameters, self._queue, self._prefetch = parameters, queue_name, prefetch
        self._cursor, self._on_gap, self._heard = cursor, on_gap, heard
        self._arrived: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._positions = Positions()
        self._worker: int | None = None
        self._in_hand = False
        self._last_arrival = 0.0
        self._stopping = False

    def run(self, handler: Handler) -> None:
        """In the calling thread, until `stop()`; once."""
        if self._cursor:
            self._positions = Positions.load(self._cursor.load())
        self._worker = threading.get_ident()
        link = Link(self._parameters, self._queue, self._subscribe, self._is_fine)
        link.start()
        try:
            while delivery := self._arrived.get():
                self._in_hand = True
                if delivery.is_live and not self._stopping:
                    self._take(delivery, handler)
                self._in_hand = False
        finally:
            self._worker = None
            link.stop()

    def stop(self) -> None:
        """Safe in a signal handler: a SimpleQueue may be written while it is being read."""
        self._stopping = True
        self._arrived.put(None)

    def is_handling(self) -> bool:
        """Whether the caller is the handler."""
        return self._worker == threading.get_ident()

    def _subscribe(self, channel: BlockingChannel) -> None:
        channel.basic_qos(prefetch_count=self._prefetch)
        channel.add_on_cancel_callback(_cancelled)
        channel.basic_consume(self._queue, self._deliver)
        self._last_arrival = time.monotonic()
        log.info("events are taken from %s", self._queue)

    def _is_fine(self, channel: BlockingChannel) -> bool:
        """A queue deleted and made again at once may have forgotten us, or keep what it means to have sent
        us, and the broker does not say so: after a long silence we ask for it anew."""
        found = channel.queue_declare(self._queue, passive=True)
        silent = time.monotonic() > self._last_arrival + SILENCE_SECONDS
        return bool(found.method.consumer_count) and not (silent and self._is_idle())

    def _is_idle(self) -> bool:
        return self._arrived.empty() and not self._in_hand

    def _deliver(self, channel: BlockingChannel, method: Any, _properties: Any, body: bytes) -> None:
        try:
            event = parse(body)
        except UnreadableEventError as error:
            log.error("a message that is no event goes to %s.dead: %s", self._queue, error)
            channel.basic_reject(method.delivery_tag, requeue=False)
            return
        self._last_arrival = time.monotonic()
        self._heard(event)
        self._arrived.put(Delivery(event, channel, method.delivery_tag))

    def _take(self, delivery: Delivery, handler: Handler) -> None:
        repeated = self._cursor is not None and self._positions.has(delivery.event)
        if repeated or self._handle(delivery, handler):
            delivery.acknowledge()

    def _handle(self, delivery: Delivery, handler: Handler) -> bool:
        """False when it is given up for now: the event was not acknowledged and comes again."""
        pause = BackOff(most=60.0)
        while delivery.is_live and not self._stopping:
            try:
                handler(delivery.event)
                self._record(delivery.event)
            except Exception:
                seconds = pause.next()
                log.exception("event %s was not handled, again in %.1f s", delivery.event.id, seconds)
                self._sleep(seconds, delivery)
            else:
                return True
        return False

    def _sleep(self, seconds: float, delivery: Delivery) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and delivery.is_live and not self._stopping:
            time.sleep(NAP_SECONDS)

    def _record(self, event: Event) -> None:
        if self._cursor is None:
            return
        if gap := self._positions.gap_before(event):
            self._on_gap(gap)
        self._positions.take(event)
        self._cursor.save(self._positions.dump())


def _cancelled(_frame: Any) -> None:
    """The queue was deleted or its leader moved: the link looks for it again."""
    raise AwayError("the broker does not serve the queue any more")


def _acknowledge(channel: BlockingChannel, tag: int) -> None:
    if channel.is_open:
        channel.basic_ack(tag)
