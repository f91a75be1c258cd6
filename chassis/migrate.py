"""Alembic for every service, each with its own history in its own database."""

from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url, text

from chassis import service as services
from chassis import tables
from chassis.backup import mark

LOCK = 7_201_001


def upgrade(service: str, url: str) -> None:
    """Bring the database to the newest version. Safe to run by several at once, and again.

    Ends when the database is being put back from a backup.
    """
    mark.refuse_if_there(service, url)
    apply(service, url)


def apply(service: str, url: str) -> None:
    """`upgrade`, for the restore itself."""
    command.upgrade(_config(service, url), "head")


def make(service: str, url: str, message: str) -> None:
    """Write a new migration from the difference between tables.py and the database."""
    command.revision(_config(service, url), message, autogenerate=True)


def revisions(service: str) -> list[str]:
    """All that this program knows of, newest first."""
    script = ScriptDirectory.from_config(_config(service, "postgresql://"))
    return [each.revision for each in script.walk_revisions()]


STEPS = Path(__file__).parent / "migrations"


def create_chassis_tables(op: Any) -> None:
    """The first step of every service's first migration."""
    chassis_step(op, "0001_first")


def chassis_step(op: Any, name: str) -> None:
    """One change of the tables that every service has; each service's history calls it in its turn."""
    op.execute((STEPS / f"{name}.sql").read_text(encoding="utf-8"))


def run() -> None:
    """What Alembic calls, by env.py."""
    name = context.config.get_main_option("service")
    assert name is not None
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        # Alembic leaves a transaction that was open before it was configured to whoever opened it.
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=[services.load(name).metadata, tables.metadata],
            transaction_per_migration=True,
            include_name=_is_no_partition,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


def _is_no_partition(name: str | None, kind: str, _parents: object) -> bool:
    """Partitions are made by workers as months come, not by migrations."""
    return kind != "table" or not str(name).startswith(("outbox_", "inbox_"))


def versions(service: str) -> Path:
    """The folder of the service's own history."""
    package = __import__(f"services.{service}", fromlist=["__path__"])
    return Path(package.__path__[0]) / "migrations" / "versions"


def _config(service: str, url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(STEPS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(versions(service)))
    config.set_main_option("service", service)
    plain = make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", plain.replace("%", "%%"))
    return config
