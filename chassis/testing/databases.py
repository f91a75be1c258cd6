"""Databases of the tests' own, on a real server."""

from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from chassis import migrate


def fresh_database(server_url: str, name: str) -> str:
    """A new, empty database on the server; its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


_migrated: dict[tuple[str, str], str] = {}


def migrated_database(server_url: str, service: str) -> str:
    """The service's database for this test run; migrated once, emptied at every call."""
    if (server_url, service) not in _migrated:
        _migrated[server_url, service] = database_apart(server_url, service)
    url = _migrated[server_url, service]
    empty(url)
    return url


def database_apart(server_url: str, service: str) -> str:
    """Another one, for a test in which a service has more than one."""
    url = fresh_database(server_url, f"test_{service}_{uuid4().hex[:8]}")
    migrate.upgrade(service, url)
    return url


def empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(row[0]) for row in rows)
        # The audit log refuses to be emptied; a superuser may leave the trigger out.
        connection.execute("SET session_replication_role = replica")
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
