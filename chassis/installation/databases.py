"""A login role for each service, which owns one database and can connect to no other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Database:
    name: str
    owner: str
    password: str


def of(url: str) -> Database:
    """What `postgresql://owner:password@host/name` says must be there. ValueError when one is missing."""
    parts = urlsplit(url)
    name = unquote(parts.path[1:])
    if not (parts.username and parts.password and name):
        raise ValueError("it must be postgresql://user:password@host:port/name")
    return Database(name, unquote(parts.username), unquote(parts.password))


def make(administrator: str, wanted: Iterable[Database]) -> Iterator[str]:
    """Whatever is missing, by a superuser's URL; yields what it made. Safe to repeat.

    A role that is there gets the password that is asked for.
    """
    with psycopg.connect(administrator, autocommit=True) as connection:
        for database in wanted:
            if _make_role(connection, database.owner, database.password):
                yield f"made role {database.owner}"
            if _make_database(connection, database):
                yield f"made database {database.name}"


def close_to_others(administrator: str) -> None:
    """On a server that is the portal's alone: roles of services see not even the catalogs of the databases
    that every server has."""
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")


def _make_role(connection: psycopg.Connection, name: str, password: str) -> bool:
    is_new = not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name)
    statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}" if is_new else "ALTER ROLE {} LOGIN PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Literal(password)))
    return is_new


def _make_database(connection: psycopg.Connection, database: Database) -> bool:
    """Closed to others each time: who was cut off between the two statements goes on here."""
    is_new = not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database.name)
    name = sql.Identifier(database.name)
    if is_new:
        owner = sql.Identifier(database.owner)
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    return is_new


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None
