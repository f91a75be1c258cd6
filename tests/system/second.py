"""Two installations: one in use, and one with the same keys and nothing else, into which a backup is put."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from chassis import service as services
from tests.answers import BIRTH, PDF, complete, papers
from tests.servers.virtual_hosts import virtual_host
from tests.system.caller import Caller, citizen, people
from tests.system.portal import Portal

KEYS = ("SEAL_KEYS", "GATEWAY_SECRET_KEY", *(f"{name.upper()}_MASTER_KEYS" for name in services.names()))
INDEX_KEYS = tuple(f"{name.upper()}_INDEX_KEY" for name in services.names())
AGENCY = "H01"


@contextmanager
def installation(
    folder: Path, postgres_url: str, rabbitmq_url: str, management_url: str, like: Portal | None = None
) -> Iterator[Portal]:
    """A portal on a virtual host of its own whose services are no superusers; nothing runs yet."""
    folder.mkdir()
    with virtual_host(rabbitmq_url, management_url) as broker:
        made = Portal(folder, postgres_url, broker, management_url)
        for name in services.names():
            setting = f"{name.upper()}_DATABASE_URL"
            made.environment[setting] = owned_by_a_role(postgres_url, made.environment[setting])
        if like:
            made.environment |= {name: like.environment[name] for name in (*KEYS, *INDEX_KEYS)}
        try:
            yield made
        finally:
            made.stop()


def owned_by_a_role(administrator: str, url: str) -> str:
    """The same database, closed to all but a login role of its own; the URL of that."""
    name, password = str(make_url(url).database), token_hex(8)
    role, database = sql.Identifier(f"r_{name}"), sql.Identifier(name)
    with psycopg.connect(administrator, autocommit=True) as connection:
        made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password))
        connection.execute(made)
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, role))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    owned = make_url(url).set(username=f"r_{name}", password=password)
    return owned.render_as_string(hide_password=False)


def rows(portal: Portal, service: str, query: str) -> list[Any]:
    with psycopg.connect(portal.environment[f"{service.upper()}_DATABASE_URL"]) as connection:
        return connection.execute(query.encode()).fetchall()


@dataclass(frozen=True)
class Sent:
    """A submission that was answered 201. `papers`: the sha256 of what was attached, by the file's id."""

    by: Caller
    code: str
    papers: Mapping[str, str]


@dataclass
class Load:
    """Citizens who submit dossiers with papers, one after the other; none of their calls may fail."""

    callers: list[Caller]
    procedure: Mapping[str, Any]
    sent: list[Sent] = field(default_factory=list)
    longest: float = 0.0

    def run(self, pool: ThreadPoolExecutor, go_on: Any) -> list[Future[None]]:
        return [pool.submit(self._repeat, who, go_on) for who in self.callers]

    def _repeat(self, who: Caller, go_on: Any) -> None:
        while go_on():
            self.submit(who)

    def submit(self, who: Caller) -> None:
        answers = complete(self.procedure)
        draft = who.draft(BIRTH, AGENCY, answers)
        attached = {}
        for document in papers(self.procedure, answers):
            content = PDF + token_hex(2000).encode()
            file = who.attach(draft["id"], document, f"{document}.pdf", content)
            attached[file["id"]] = hashlib.sha256(content).hexdigest()
        began = time.monotonic()
        answer = who.submit(draft["id"])
        self.longest = max(self.longest, time.monotonic() - began)
        assert answer.status == 201, answer.data.decode()
        self.sent.append(Sent(who, answer.json["code"], attached))


def prepared(portal: Portal, clients: int) -> Load:
    callers = []
    for person in people(portal, clients):
        who = citizen(portal, person)
        who.register(person)
        who.log_in()
        callers.append(who)
    return Load(callers, callers[0].get(f"/procedures/{BIRTH}"))
