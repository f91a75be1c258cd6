"""Sends the outbox: one active relay per service, in order, in windows, each marked only when it is safe."""

from collections.abc import Callable
from threading import Event as Flag

import structlog
from sqlalchemy import ARRAY, Connection, Engine, Uuid, any_, bindparam, func, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from chassis import metrics
from chassis.bus import Bus, BusAway, Outgoing, Publisher
from chassis.tables import outbox
from chassis.wake import CHANNEL

log = structlog.get_logger()

WINDOW = 200
LEADER_LOCK = 7_201_002
POLL_SECONDS = 1.0
AGAIN_AFTER_SECONDS = 1.0

_unsent = select(outbox.c.event_id, outbox.c.type, outbox.c.body).where(outbox.c.sent_at.is_(None))
_mark = (
    update(outbox)
    .where(outbox.c.event_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .values(sent_at=func.now(), body=func.coalesce(outbox.c.body_once_sent, outbox.c.body))
)


class Relay:
    """`engine` is of the service's own database. The leader's lock lives and dies with one connection.

    A process that is stopped keeps its connection; PostgreSQL then ends the idle session, and a
    stand-by takes over.
    """

    def __init__(self, service: str, engine: Engine, bus: Bus) -> None:
        self._service = service
        self._engine = engine
        self._bus = bus

    def run(self, stop: Flag, tick: Callable[[], None]) -> None:
        while not stop.is_set():
            tick()
            try:
                self._lead(stop, tick)
            except (SQLAlchemyError, BusAway, OSError) as error:
                log.warning("relay interrupted", service=self._service, error=str(error)[:200])
                stop.wait(AGAIN_AFTER_SECONDS)

    def _lead(self, stop: Flag, tick: Callable[[], None]) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                self._wait_for_the_lock(connection, stop, tick)
                self._pump_until(stop, connection, tick)
            finally:
                connection.invalidate()

    def _wait_for_the_lock(self, connection: Connection, stop: Flag, tick: Callable[[], None]) -> None:
        connection.execute(text("SET idle_session_timeout = '15s'"))
        lock = select(func.pg_try_advisory_lock(LEADER_LOCK))
        while not connection.execute(lock).scalar_one() and not stop.wait(1):
            tick()

    def _pump_until(self, stop: Flag, connection: Connection, tick: Callable[[], None]) -> None:
        connection.execute(text(f"LISTEN {CHANNEL}"))
        publisher = self._bus.publisher()
        try:
            while not stop.is_set():
                tick()
                if pump(connection, publisher, self._service) < WINDOW:
                    publisher.keep_alive()
                    _wait_for_work(connection)
        finally:
            publisher.close()


def pump(connection: Connection, publisher: Publisher, service: str) -> int:
    """Send one window of unsent events. Returns how many were sent and marked."""
    rows = connection.execute(_unsent.order_by(outbox.c.position).limit(WINDOW)).all()
    metrics.UNSENT.labels(service).set(len(rows))
    if rows:
        publisher.publish([Outgoing(str(row.event_id), row.type, row.body.encode()) for row in rows])
        connection.execute(_mark, {"ids": [row.event_id for row in rows]})
        metrics.SENT.labels(service).inc(len(rows))
    return len(rows)


def _wait_for_work(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    for _ in raw.notifies(timeout=POLL_SECONDS, stop_after=1):
        pass
