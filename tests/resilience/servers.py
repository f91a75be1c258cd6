"""The two servers an experiment may kill, wipe or starve, and rooms of its own on them."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import psycopg
import urllib3
from psycopg import sql

from chassis.testing import fresh_database
from tests import servers
from tests.conftest import Say, running
from tests.servers.local import postgres_programs


@dataclass
class Ground:
    """`folder` is for logs. PostgreSQL is quick: what is killed here are processes, and not the machine."""

    database: servers.Postgres
    broker: servers.RabbitMQ
    folder: Path
    say: Say

    def new_database(self, name: str) -> str:
        return fresh_database(self.database.url, f"toy_{name}_{uuid4().hex[:8]}")

    def copy_of(self, url: str) -> str:
        """A database with the same rows and another oid, as a dump that is read in makes it."""
        name = urlsplit(url).path[1:]
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            words = sql.Identifier(f"{name}_copy"), sql.Identifier(name)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*words))
        return urlsplit(url)._replace(path=f"/{name}_copy").geturl()

    def client(self, program: str, *words: str) -> None:
        """One of PostgreSQL's own programs, to its end."""
        subprocess.run([str(postgres_programs() / program), *words], check=True)

    def recreate(self, url: str) -> None:
        """`dropdb`, `createdb`: the same name, empty."""
        maintenance, name = f"--maintenance-db={self.database.url}", urlsplit(url).path[1:]
        self.client("dropdb", "--force", maintenance, name)
        self.client("createdb", maintenance, name)

    @contextmanager
    def new_virtual_host(self) -> Iterator[str]:
        name = f"toys-{uuid4().hex[:8]}"
        self.manage("PUT", f"vhosts/{name}")
        try:
            yield f"{self.broker.url.rsplit('/', 1)[0]}/{name}"
        finally:
            self.manage("DELETE", f"vhosts/{name}")

    def manage(self, method: str, path: str, body: object = None) -> Any:
        """RabbitMQ's management API: what it answered, decoded."""
        parts = urllib3.util.parse_url(self.broker.management_url)
        headers = {"Content-Type": "application/json", **urllib3.make_headers(basic_auth=parts.auth)}
        at = f"{parts._replace(auth=None).url.rstrip('/')}/api/{path}"
        content = None if body is None else json.dumps(body)
        answer = urllib3.request(method, at, body=content, headers=headers, timeout=30)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.data!r}"
        return json.loads(answer.data) if answer.data else None

    def versions(self) -> Mapping[str, str]:
        with psycopg.connect(self.database.url) as connection:
            (postgresql,) = connection.execute("SHOW server_version").fetchone() or ("?",)
        broker = self.manage("GET", "overview")
        return {
            "postgresql": str(postgresql).split()[0],
            "rabbitmq": broker["rabbitmq_version"],
            "erlang": broker["erlang_version"],
        }


def quoted(virtual_host: str) -> str:
    return quote(virtual_host.rsplit("/", 1)[1], safe="")


@contextmanager
def ground(folder: Path, say: Say) -> Iterator[Ground]:
    database, broker = servers.postgres(), servers.rabbitmq()
    with running(database, say), running(broker, say):
        yield Ground(database, broker, folder, say)
