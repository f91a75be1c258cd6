"""What old rows cost: `python -m tests.bench.plans --rows 1000000`.

The relay's window, the consumer's batch and the look for a parked event, in turn in a database with that
many sent outbox rows and inbox rows and a hundredth as many parked events (half given up, half waiting behind
one that was), and in one with none. `--explain 1` also prints the plans of what was sent to the full one.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text

from chassis import parking
from chassis.bus import Outgoing
from chassis.consumer import Consumer
from chassis.handling import Handler
from chassis.relay import WINDOW, pump
from chassis.subscriptions import state
from chassis.testing import delivery
from chassis.unit_of_work import utc_now
from contracts.dossier import DossierSubmitted
from tests.bench import report
from tests.bench.bed import (
    Bed,
    count,
    database,
    fill_outbox,
    fill_subscriber,
    sealed_events,
    started,
    submitted,
    units_of,
)
from tests.bench.figures import Line, Round, in_turn, milliseconds, percentile

ROWS, ROUNDS, WANTED = 1_000_000, 20, 2.0
ONE_PARKED_OF = 100
BATCH = 200

# Ids as UUIDv7 would have been, a millisecond apart until now.
OLD = """
WITH old AS (SELECT n, 'H01-261126-' || lpad(n::text, 9, '0') AS subject, (lpad(to_hex(
  (extract(epoch FROM now()) * 1000)::bigint - :rows + n), 12, '0') || '7' || substr(md5(n::text), 1, 3)
  || '8' || substr(md5(n::text), 4, 15))::uuid AS id FROM generate_series(1, :rows) AS n)
"""
FILLING = (
    """INSERT INTO outbox (event_id, log_position, subject, sequence, type, body, recorded_at, sent_at)
    SELECT id, nextval('outbox_log'), subject, 1, :type, :body, now(), now() FROM old""",
    "INSERT INTO inbox (event_id, handler) SELECT id, 'bench' FROM old",
    """INSERT INTO parking
      (event_id, handler, subject, sequence, type, body, attempts, parked_at, next_try_at)
    SELECT id, 'bench', CASE WHEN n % 200 = 0 THEN 'H01-1' ELSE subject END, n, :type, :body, 20, now(),
      CASE WHEN n % 200 = 0 AND n > 200 THEN now() END FROM old WHERE n % 100 = 0""",
)


class Sent:
    """A bus that takes everything."""

    def publish(self, window: Sequence[Outgoing], meanwhile: Callable[[], None]) -> None:
        assert window
        meanwhile()


class Bench:
    """One database, and the three things that are timed in it."""

    def __init__(self, engine: Engine, rounds: int) -> None:
        self._engine = engine
        self._consumer = Consumer("bench", [Handler("bench", DossierSubmitted, count)], units_of(engine))
        self._batches = iter(
            [[delivery(submitted(n), utc_now()) for n in range(BATCH)] for _ in range(rounds + 1)]
        )

    def relay(self) -> float:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            now = state(connection)
            began = time.perf_counter()
            assert pump(connection, Sent(), "bench", now, 0) == WINDOW  # type: ignore[arg-type]
            return time.perf_counter() - began

    def consumer(self) -> float:
        batch = next(self._batches)
        began = time.perf_counter()
        self._consumer.handle(batch)
        return time.perf_counter() - began

    def parking(self) -> float:
        began = time.perf_counter()
        assert self._consumer.retry_parked() == 0
        return time.perf_counter() - began


def fill(engine: Engine, rows: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        (sealed,) = sealed_events(1)
        values = {"rows": rows, "type": DossierSubmitted.type, "body": sealed.body.decode()}
        for filling in FILLING:
            statement = text(OLD + filling)
            connection.execute(statement, {name: values[name] for name in statement.compile().params})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))


@contextmanager
def explaining(engine: Engine, say: Callable[[str], None]) -> Any:
    """Says the plan of each statement, once, before it is executed."""
    said: set[str] = set()

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement not in said and statement.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "INSERT"}:
            said.add(statement)
            cursor.execute(f"EXPLAIN {statement}", parameters)
            say(f"\n{statement[:300]}\n" + "\n".join(f"    {row[0]}" for row in cursor.fetchall()))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def line(what: str, rows: int, full: Sequence[float], empty: Sequence[float]) -> Line:
    ratio = percentile(full, 50) / percentile(empty, 50)
    name = f"{what} beside {rows:,} old rows, and none"
    return Line(
        name, milliseconds(full), milliseconds(empty), f"{ratio:.2f}", f"≤ {WANTED:g}", ratio <= WANTED
    )


def measure(bed: Bed, rows: int = ROWS, rounds: int = ROUNDS, explain: int = 0) -> list[Line]:
    with database(bed) as many, database(bed) as none:
        for engine in (many, none):
            fill_outbox(engine, sealed_events(WINDOW * (rounds + 2)))
            fill_subscriber(engine, sealed_events(BATCH * 4))
        fill(many, rows)
        parking.let_wait(units_of(many))  # as the worker's timer does
        full, empty = Bench(many, rounds + 1), Bench(none, rounds + 1)
        if explain:
            with explaining(many, print):
                full.relay(), full.consumer(), full.parking()
        contenders: dict[str, Round] = {}
        for name in ("relay", "consumer", "parking"):
            contenders |= {f"{name} full": getattr(full, name), f"{name} empty": getattr(empty, name)}
        figures = in_turn(rounds, contenders)
    return [
        line(f"relay, a window of {WINDOW}", rows, figures["relay full"], figures["relay empty"]),
        line(f"consumer, a batch of {BATCH}", rows, figures["consumer full"], figures["consumer empty"]),
        line(
            "the look for a parked event that is due",
            rows // ONE_PARKED_OF,
            figures["parking full"],
            figures["parking empty"],
        ),
    ]


if __name__ == "__main__":
    with started() as bed:
        report.show(measure(bed, **report.options(rows=ROWS, rounds=ROUNDS, explain=0)))
