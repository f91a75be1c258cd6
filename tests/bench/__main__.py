"""`make bench`: every measurement, one after the other; the table goes into docs/performance.md.

`python -m tests.bench relay consumer` runs only these, and writes nothing.
"""

import logging
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import psycopg
import structlog
from kombu import Connection

from tests.bench import backlog, consumer, latency, plans, relay, report, slow_clients, up
from tests.bench.bed import Bed, started
from tests.bench.figures import Line

ON_SERVERS: Mapping[str, Callable[[Bed], list[Line]]] = {
    "relay": relay.measure,
    "consumer": consumer.measure,
    "latency": latency.measure,
    "backlog": backlog.measure,
    "plans": plans.measure,
}
ALONE: Mapping[str, Callable[[], list[Line]]] = {"slow_clients": slow_clients.measure, "up": up.measure}


def main(names: list[str]) -> None:
    quieten()
    wanted = names or [*ON_SERVERS, *ALONE]
    lines: list[Line] = []
    loads: list[str] = []

    def add(name: str, run: Callable[[], list[Line]]) -> None:
        before, began = report.load(), time.monotonic()
        found = run()
        loads.append(f"{name} {before} to {report.load()} in {time.monotonic() - began:.0f} s")
        report.show(found)
        lines.extend(found)

    with started() as bed:
        servers = versions(bed)
        for name in wanted:
            if name in ON_SERVERS:
                add(name, partial(ON_SERVERS[name], bed))
    for name in wanted:
        if name in ALONE:
            add(name, ALONE[name])
    about = f"{report.machine(servers)} Load average before and after each, and its time: {', '.join(loads)}."
    print(f"\n{about}\n\n{report.table(lines)}")
    if not names:
        report.write(lines, about)


def quieten() -> None:
    """The tables are what is to be read."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def versions(bed: Bed) -> list[str]:
    with psycopg.connect(bed.postgres_url) as database, Connection(bed.amqp_url) as broker:
        postgres = database.execute("SHOW server_version").fetchone()
        properties = broker.connection.server_properties
    return [f"PostgreSQL {postgres[0] if postgres else ''}", f"RabbitMQ {properties['version']}"]


if __name__ == "__main__":
    main(sys.argv[1:])
