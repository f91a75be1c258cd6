"""A mark in a database from before a restore's first row until the whole installation is put back.

While it is there nobody serves from that database, nor migrates it: what is half restored is taken for whole
by nobody. It is a table beside those of the service. Connections here commit each statement.
"""

from dataclasses import dataclass
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from chassis.backup.facts import MARK
from chassis.exits import REFUSED, stop

# States, in their order. `done`: all databases and files are there; only marks are left to be taken away.
# It goes back to `read in` when a database was made anew meanwhile.
BEGUN, READ_IN, DONE = "begun", "read in", "done"


@dataclass(frozen=True)
class Mark:
    backup: UUID
    state: str


def of(connection: Connection) -> Mark | None:
    if not inspect(connection).has_table(MARK):
        return None
    row = connection.execute(text(f"SELECT backup, state FROM {MARK}")).one()  # noqa: S608
    return Mark(row.backup, row.state)


def begin(connection: Connection, backup: UUID) -> None:
    """One statement: the table is never there without its row."""
    made = f"CREATE TABLE {MARK} AS SELECT CAST(:backup AS uuid) AS backup, CAST(:state AS text) AS state"
    connection.execute(text(made), {"backup": backup, "state": BEGUN})


def move(connection: Connection, state: str) -> None:
    connection.execute(text(f"UPDATE {MARK} SET state = :state"), {"state": state})  # noqa: S608


def remove(connection: Connection) -> None:
    connection.execute(text(f"DROP TABLE {MARK}"))


def refuse_if_there(service: str, url: str) -> None:
    """Ends a role that is started on a database that is not whole. One that is away says nothing."""
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        connect_args={"connect_timeout": 5, "application_name": f"{service}-start"},
    )
    try:
        with engine.connect() as connection:
            found = of(connection)
    except OperationalError:
        return
    if found:
        raise stop(
            f"The database of {service} is being put back from backup {found.backup}: run `motcua restore`"
            " again to its end.",
            REFUSED,
        )


def refuse_while_there(engine: Engine) -> None:
    """For a process that lives on while its database is dropped and put back: to it that database is away."""

    @event.listens_for(engine, "connect")
    def refuse(connection: psycopg.Connection[tuple[object]], _record: object) -> None:
        found = connection.execute("SELECT to_regclass(%s)", [f"public.{MARK}"]).fetchone()
        connection.rollback()
        if found != (None,):
            connection.close()
            raise psycopg.OperationalError("the database is being put back from a backup")
