"""A whole installation for `motcua doctor`: databases and roles of their own, keys, and who answers HTTP."""

import json
import secrets
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from click.testing import CliRunner, Result
from psycopg import sql
from sqlalchemy import make_url

from chassis import migrate
from chassis import service as services
from chassis.cli import main
from chassis.installation.certificates import Authority

PASSWORD = "hush-hush-0815"
SECRET = "a-long-secret-of-the-gateway-4711"


def key() -> str:
    return b64encode(secrets.token_bytes(32)).decode()


def make_database(server_url: str, name: str, encoding: str = "UTF8") -> str:
    """A role, and a database that is its alone; the role's URL."""
    database = sql.Identifier(name)
    made = [
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(database, sql.Literal(PASSWORD)),
        sql.SQL("CREATE DATABASE {} OWNER {} ENCODING {} LOCALE 'C' TEMPLATE template0").format(
            database, database, sql.Literal(encoding)
        ),
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database),
    ]
    for statement in made:
        command(server_url, statement)
    return (
        make_url(server_url)
        .set(username=name, password=PASSWORD, database=name)
        .render_as_string(hide_password=False)
    )


def command(server_url: str, statement: sql.Composed | str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement if isinstance(statement, sql.Composed) else statement.encode())


def install(server_url: str, folder: Path) -> dict[str, str]:
    """The settings of a portal whose databases are migrated."""
    mark = uuid4().hex[:8]
    roots = folder / "roots.pem"
    roots.write_bytes(Authority("a root").certificate)
    settings = {
        "PUBLIC_URL": "http://127.0.0.1:9",
        "JWKS_URL": "http://127.0.0.1:9/api/v1/jwks",
        "SEAL_KEYS": json.dumps({name: {"1": key()} for name in ("notify", "dossier")}),
        "FILES_DIR": str(folder),
        "GATEWAY_SECRET_KEY": SECRET,
        "SIM_REGISTER_URL": "http://127.0.0.1:9",
        "MOBILE_SIGNATURE_URL": "http://127.0.0.1:9",
        "CERTIFICATE_ROOTS": str(roots),
        "INSURANCE_REGISTER_URL": "http://127.0.0.1:9",
        "SMS_GATEWAY_URL": "http://127.0.0.1:9",
        "MAIL_GATEWAY_URL": "http://127.0.0.1:9",
    }
    for name in services.names():
        url = make_database(server_url, f"{name}_{mark}")
        migrate.upgrade(name, url)
        settings |= {
            f"{name.upper()}_DATABASE_URL": url,
            f"{name.upper()}_MASTER_KEYS": json.dumps({"1": key()}),
            f"{name.upper()}_INDEX_KEY": key(),
        }
    return settings


@dataclass
class Answering:
    """Stands where the portal's processes would: what it answers by path, for a test to change."""

    url: str
    said: dict[str, tuple[int, Any]] = field(default_factory=dict)


@contextmanager
def answering(context: ssl.SSLContext | None = None) -> Iterator[Answering]:
    """`context`: over TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = portal.said.get(self.path, (404, {}))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        portal = Answering(f"http{'s' if context else ''}://127.0.0.1:{server.server_port}")
        portal.said = {
            "/readyz": (200, {"status": "ready", "database": "ok"}),
            "/api/v1/jwks": (200, {"keys": [{"kid": "1"}]}),
        }
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield portal
        server.shutdown()


@dataclass(frozen=True)
class Examined:
    """What one run of `motcua doctor` said."""

    code: int
    groups: Mapping[str, list[dict[str, str]]]
    summary: str
    output: str

    def all(self, *severities: str) -> list[dict[str, str]]:
        return [each for found in self.groups.values() for each in found if each["severity"] in severities]

    def found(self, severity: str) -> dict[str, str]:
        """What, by where."""
        return {each["where"]: each["what"] for each in self.all(severity)}

    def mend(self, where: str) -> str:
        (found,) = {each["mend"] for each in self.all("wrong", "away", "warning") if each["where"] == where}
        return found


@dataclass(frozen=True)
class Doctor:
    """`settings` are those of the installation; a change to None takes one away."""

    settings: Mapping[str, str]
    portal: Answering

    def run(self, *arguments: str, **changes: str | None) -> Result:
        return CliRunner().invoke(main, ["doctor", *arguments], env={**self.settings, **changes})

    def examine(self, *arguments: str, **changes: str | None) -> Examined:
        result = self.run("-o", "json", *arguments, **changes)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        said = json.loads(result.output)
        return Examined(result.exit_code, said["groups"], said["summary"], result.output)

    def database(self, service: str) -> str:
        """Its name, which is its role's too."""
        return str(make_url(self.settings[f"{service.upper()}_DATABASE_URL"]).database)

    def only(self, *services: str) -> dict[str, str | None]:
        """The changes that leave those services' settings, and no others'."""
        others = [name for name in self.settings if name.endswith(("_DATABASE_URL", "_KEYS", "_INDEX_KEY"))]
        kept = tuple(f"{name.upper()}_" for name in (*services, "SEAL"))
        return {name: None for name in [*others, "GATEWAY_SECRET_KEY"] if not name.startswith(kept)}
