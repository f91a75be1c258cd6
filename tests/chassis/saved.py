"""An installation that is there, and one that is empty: databases, files and keys, and no process."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from click.testing import CliRunner, Result
from sqlalchemy import insert

from chassis import service as services
from chassis.backup import facts
from chassis.cli import main
from chassis.db import new_id, open_engine
from chassis.testing import fresh_database, settings_environment, test_settings
from chassis.testing.databases import migrated_database
from chassis.unit_of_work import UnitsOfWork
from contracts.event import Name
from services.dossier.adapters.storage import path_of
from services.dossier.tables import dossiers, files

CONTENT = [b"a birth certificate", b"", b"x" * 300_000]


@dataclass
class Installation:
    """`environment` is what an operator would set; `kept` the names of stored files."""

    environment: dict[str, str]
    files: Path
    kept: list[str] = field(default_factory=list)

    def run(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(main, arguments, env=self.environment | environment)

    def url(self, service: str) -> str:
        return self.environment[f"{service.upper()}_DATABASE_URL"]

    def rows(self, service: str, query: str) -> list[Any]:
        with psycopg.connect(self.url(service), autocommit=True) as connection:
            done = connection.execute(query.encode())
            return done.fetchall() if done.description else []

    def contents(self) -> Mapping[str, bytes]:
        """By path, of all files that are there."""
        found = (path for path in self.files.rglob("*") if path.is_file())
        return {str(path.relative_to(self.files)): path.read_bytes() for path in found}

    def tables(self, service: str) -> set[str]:
        return {
            t for (t,) in self.rows(service, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }


def installation(folder: Path, database: Callable[[str], str]) -> Installation:
    """`database` gives a service's URL. The keys are the same in all of them."""
    folder.mkdir()
    environment = {
        "FILES_DIR": str(folder / "files"),
        "JWKS_URL": "http://127.0.0.1:9/jwks",
        "PUBLIC_URL": "http://127.0.0.1:8000",
    }
    for name in services.names():
        environment |= settings_environment(test_settings(name, database(name)))
    return Installation(environment, folder / "files")


def in_use(folder: Path, server: str) -> Installation:
    """With a person's dossier and its files."""
    made = installation(folder, lambda name: migrated_database(server, name))
    engine = open_engine(made.url("dossier"), "test", 2)
    with UnitsOfWork(engine, test_settings("dossier", made.url("dossier")))() as uow:
        person, dossier = uuid4(), new_id()
        answers = uow.protect(person, "{}")
        uow.session.execute(insert(dossiers).values(a_draft(dossier, person, answers)))
        for content in CONTENT:
            name = uuid4().hex
            uow.session.execute(insert(files).values(a_file(dossier, name, content)))
            store(made.files / path_of(name), content)
            made.kept.append(name)
    engine.dispose()
    return made


def empty(folder: Path, server: str) -> Installation:
    return installation(folder, lambda name: fresh_database(server, f"empty_{name}_{uuid4().hex[:8]}"))


def store(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def a_draft(id: UUID, person: UUID, answers: bytes) -> dict[str, Any]:
    name = Name("Tên", "Name")
    named = {"procedure_name": name, "agency_name": name, "procedure": "1.001193", "agency": "H01"}
    when = {"changed_at": datetime.now(UTC), "version": 1, "procedure_version": 1, "came_from": []}
    return {"id": id, "applicant": person, "answers": answers, **named, **when}


def a_file(dossier: UUID, name: str, content: bytes) -> dict[str, Any]:
    told = {"document": "id", "name": b"protected", "media_type": "application/pdf", "scan": "unscanned"}
    sha256 = hashlib.sha256(content).hexdigest()
    kept = {"size": len(content), "sha256": sha256, "stored_as": name, "added_at": datetime.now(UTC)}
    return {"id": new_id(), "dossier_id": dossier, **told, **kept}


COUNTED = "SELECT count(*) FROM data_keys"


def is_whole(fresh: Installation, there: Installation) -> bool:
    unmarked = not any(facts.MARK in fresh.tables(name) for name in services.names())
    same = all(fresh.tables(name) == there.tables(name) for name in services.names())
    contents = fresh.contents() == there.contents()
    return unmarked and same and contents and fresh.rows("dossier", COUNTED) == there.rows("dossier", COUNTED)
