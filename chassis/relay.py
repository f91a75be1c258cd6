"""Sends the outbox: one active relay per service, in order, in windows, each marked only when it is safe.

While the broker has a window, the one before is marked and the next is read.

The same thread fills queues that lack something from the log. Since it does nothing else meanwhile, a
queue gets its history, then what is new, without a gap.
"""

import time
from collections.abc import Callable, Collection, Sequence
from threading import Event as Flag
from typing import Any

import structlog
from sqlalchemy import ARRAY, Connection, Engine, Uuid, all_, bindparam, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from chassis import metrics, subscriptions
from chassis.bus import Bus, BusAway, Outgoing, Publisher, Unroutable, condition, topology
from chassis.subscriptions import State
from chassis.tables import outbox
from chassis.wake import CHANNEL

log = structlog.get_logger()

WINDOW = 200
FILLED_PER_WINDOW = 5
"""Windows of the log for one of new events: filling must overtake what is written meanwhile."""
RUN_SECONDS = 0.5
"""So long windows follow each other before anything else is looked at."""
LEADER_LOCK = 7_201_002
POLL_SECONDS = 1.0
AGAIN_AFTER_SECONDS = 1.0

_under_way = bindparam("under_way", type_=ARRAY(Uuid))
_unsent = (
    select(outbox.c.event_id, outbox.c.type, outbox.c.subject, outbox.c.body)
    .where(outbox.c.sent_at.is_(None), outbox.c.event_id != all_(_under_way))
    .order_by(outbox.c.position)
    .limit(WINDOW)
)
_mark = text(
    "UPDATE outbox SET sent_at = now(), body = coalesce(body_once_sent, body), log_position = log.position"
    " FROM (SELECT id, nextval('outbox_log') AS position FROM unnest(CAST(:ids AS uuid[])) AS id) AS log"
    " WHERE event_id = log.id"
)


class Relay:
    """`engine` is of the service's own database. The leader's lock lives and dies with one connection.

    A process that is stopped keeps its connection; PostgreSQL then ends the idle session, and a
    stand-by takes over.
    """

    def __init__(
        self, service: str, announces: Collection[str], never_again: Collection[str], engine: Engine, bus: Bus
    ) -> None:
        """`announces` are types; `never_again` those of them that are not sent a second time."""
        self._service = service
        self._never_again = frozenset(never_again)
        self._wanted = {
            queue: [type for type in interest.types if type in announces]
            for queue, interest in bus.topics.items()
        }
        self._engine = engine
        self._bus = bus
        self._withheld: set[tuple[str, str]] = set()

    def run(self, stop: Flag, tick: Callable[[], None]) -> None:
        while not stop.is_set():
            tick()
            try:
                self._lead(stop, tick)
            except (SQLAlchemyError, BusAway, OSError) as error:
                if isinstance(error, BusAway):
                    condition.ill(f"relay {self._service}", str(error))
                log.warning("relay interrupted", service=self._service, error=str(error)[:200])
                stop.wait(AGAIN_AFTER_SECONDS)

    def _lead(self, stop: Flag, tick: Callable[[], None]) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                self._wait_for_the_lock(connection, stop, tick)
                self._serve(stop, connection, tick)
            finally:
                connection.invalidate()

    def _wait_for_the_lock(self, connection: Connection, stop: Flag, tick: Callable[[], None]) -> None:
        connection.execute(text("SET idle_session_timeout = '15s'"))
        lock = select(func.pg_try_advisory_lock(LEADER_LOCK))
        while not connection.execute(lock).scalar_one() and not stop.wait(1):
            tick()

    def _serve(self, stop: Flag, connection: Connection, tick: Callable[[], None]) -> None:
        connection.execute(text(f"LISTEN {CHANNEL}"))
        publisher = self._bus.publisher()
        self._withheld.clear()
        try:
            subscriptions.review(connection, self._wanted)
            while not stop.is_set():
                tick()
                filled = self._fill_all(connection, publisher)
                now = subscriptions.state(connection)
                seconds = 0 if filled else RUN_SECONDS
                if pump(connection, publisher, self._service, now, seconds) < WINDOW and not filled:
                    publisher.keep_alive()
                    condition.well(f"relay {self._service}")
                    _wait_for_work(connection)
        finally:
            publisher.close()

    def _fill_all(self, connection: Connection, publisher: Publisher) -> int:
        filling = subscriptions.state(connection).filling
        return sum([self._fill(connection, publisher, queue, types) for queue, types in filling.items()])

    def _fill(self, connection: Connection, publisher: Publisher, queue: str, types: Sequence[str]) -> int:
        """Some windows of what the queue lacks. Returns how many; at the log's end the queue goes live."""
        self._withhold(publisher, queue, types)
        if not publisher.is_there(queue):
            return 0
        if at_once := [type for type in types if type in self._never_again]:
            self._go_live(connection, publisher, queue, at_once)
        for windows in range(FILLED_PER_WINDOW):
            rows = subscriptions.window(connection, queue, WINDOW)
            if not rows:
                self._go_live(connection, publisher, queue, types)
                return windows
            self._fill_window(connection, publisher, queue, rows)
        return FILLED_PER_WINDOW

    def _fill_window(
        self, connection: Connection, publisher: Publisher, queue: str, rows: Sequence[Any]
    ) -> None:
        interest = self._bus.topics[queue]
        wanted = [_outgoing(row) for row in rows if topology.takes(interest, row.subject)]
        try:
            publisher.fill(queue, wanted)
        except Unroutable:
            subscriptions.start_over(connection, queue)
            raise
        subscriptions.advance(connection, queue, rows[-1].log_position)

    def _withhold(self, publisher: Publisher, queue: str, types: Sequence[str]) -> None:
        """Once for each filling."""
        if fresh := [type for type in types if (queue, type) not in self._withheld]:
            log.info("filling a queue from the log", queue=queue, types=fresh)
            publisher.withhold(queue, fresh)
            self._withheld |= {(queue, type) for type in fresh}

    def _go_live(
        self, connection: Connection, publisher: Publisher, queue: str, types: Sequence[str]
    ) -> None:
        publisher.bind(queue, types)
        subscriptions.go_live(connection, queue, types)
        self._withheld -= {(queue, type) for type in types}
        log.info("a queue has all of the log and is live", queue=queue, types=types)


def pump(
    connection: Connection, publisher: Publisher, service: str, now: State, seconds: float = RUN_SECONDS
) -> int:
    """Send unsent events, window after window for so long, at least one. Returns how many.

    What only queues hear that are being filled is not published: they find it in the log. So on return
    all that was sent is marked: what is not in the log yet, a queue that goes live would miss.
    """
    run = _Run(connection, publisher, service, now)
    end = time.monotonic() + seconds
    while run.send() and time.monotonic() < end:
        pass
    run.mark()
    return run.sent


class _Run:
    """`_window` is the next to be sent, `_confirmed` the one that is safe and not marked yet."""

    def __init__(self, connection: Connection, publisher: Publisher, service: str, now: State) -> None:
        self._connection = connection
        self._publisher = publisher
        self._service = service
        self._now = now
        self._confirmed: Sequence[Any] = ()
        self._window = self._read(())
        self._next: Sequence[Any] = ()
        self.sent = 0

    def send(self) -> bool:
        """One window. Whether another is there."""
        metrics.UNSENT.labels(self._service).set(len(self._window))
        if not self._window:
            return False
        now = self._now
        live = [row for row in self._window if row.type in now.live or row.type not in now.known]
        try:
            self._publisher.publish([_outgoing(row) for row in live], self._meanwhile)
        except Unroutable as nowhere:
            subscriptions.lose(self._connection, nowhere.types)
            raise
        self._confirmed, self._window = self._window, self._next
        self.sent += len(self._confirmed)
        return bool(self._window)

    def _meanwhile(self) -> None:
        """The broker has the window. A short one was all there was."""
        self.mark()
        self._next = self._read(self._window) if len(self._window) == WINDOW else ()

    def mark(self) -> None:
        if self._confirmed:
            self._connection.execute(_mark, {"ids": [row.event_id for row in self._confirmed]})
            metrics.SENT.labels(self._service).inc(len(self._confirmed))
            self._confirmed = ()

    def _read(self, under_way: Sequence[Any]) -> Sequence[Any]:
        return self._connection.execute(_unsent, {"under_way": [row.event_id for row in under_way]}).all()


def _outgoing(row: Any) -> Outgoing:
    key = topology.routing_key(row.type, row.subject)
    return Outgoing(str(row.event_id), row.type, key, row.body.encode())


def _wait_for_work(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    for _ in raw.notifies(timeout=POLL_SECONDS, stop_after=1):
        pass
