"""What each service's role sees of its database and of the server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import make_url

from chassis.doctor import clock, together

CONNECT_SECONDS = 4
OPTIONS: Any = {"connect_timeout": CONNECT_SECONDS, "application_name": "motcua-doctor"}


@dataclass(frozen=True)
class Facts:
    """`server` is the same for databases of the same running server.

    `revisions` is None where it was never migrated. `max_connections` are those that are open to roles
    like ours; `for_role` and `for_database` limit them further, -1: they do not. `open_here` counts
    the connections to this database by the name of what opened them.
    """

    place: str
    server: str
    database: str
    role: str
    version: str
    version_number: int
    encoding: str
    superuser: bool
    revisions: Sequence[str] | None
    may_connect_to: frozenset[str]
    max_connections: int
    for_role: int
    for_database: int
    open_on_server: int
    open_here: Mapping[str, int]
    drift: clock.Drift


_LOOK = """
SELECT s.system_identifier || ' ' || pg_postmaster_start_time() AS server,
  d.datname AS database, r.rolname AS role, r.rolsuper AS superuser,
  pg_encoding_to_char(d.encoding) AS encoding, r.rolconnlimit AS for_role, d.datconnlimit AS for_database,
  current_setting('server_version') AS version,
  current_setting('server_version_num')::int AS version_number,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0) AS max_connections,
  (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL) AS open_on_server
FROM pg_database d, pg_roles r, pg_control_system() s
WHERE d.datname = current_database() AND r.rolname = current_user"""
_OPEN = """
SELECT application_name, count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'motcua-doctor'
GROUP BY 1 ORDER BY 1"""
_MAY_CONNECT = """
SELECT datname FROM pg_database
WHERE datallowconn AND NOT datistemplate AND datname <> current_database()
  AND has_database_privilege(current_user, oid, 'CONNECT')"""


def read(urls: Mapping[str, str]) -> dict[str, Facts | Exception]:
    """By service. All are asked at once."""
    return together.ask({name: partial(_read, url) for name, url in urls.items()})


def _read(url: str) -> Facts:
    plain = make_url(url).set(drivername="postgresql")
    address = plain.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, row_factory=dict_row, **OPTIONS) as connection:
        connection.execute("SET statement_timeout = '4s'")
        seen: dict[str, Any] = connection.execute(_LOOK).fetchone() or {}
        return Facts(
            place=f"{connection.info.host}:{connection.info.port}",
            revisions=_revisions(connection),
            may_connect_to=frozenset(row["datname"] for row in connection.execute(_MAY_CONNECT)),
            open_here={row["application_name"]: row["count"] for row in connection.execute(_OPEN)},
            drift=clock.measure(lambda: _now(connection)),
            **seen,
        )


def _now(connection: psycopg.Connection[dict[str, Any]]) -> datetime:
    row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
    assert row
    now: datetime = row["now"]
    return now.astimezone(UTC)


def _revisions(connection: psycopg.Connection[dict[str, Any]]) -> list[str] | None:
    """None: never migrated."""
    row = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL AS there").fetchone()
    if not row or not row["there"]:
        return None
    return [each["version_num"] for each in connection.execute("SELECT version_num FROM alembic_version")]
