"""`motcua migrate <service> --make` writes the difference between tables.py and the database."""

import shutil
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command

from chassis import migrate
from chassis import service as services
from chassis.db import new_id
from chassis.testing import fresh_database


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of feedback's migrations that may be written to."""
    copy = tmp_path / "versions"
    shutil.copytree(migrate.versions("feedback"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "versions", lambda _service: copy)
    return copy


def test_a_column_that_is_missing_is_written_into_a_migration_that_adds_it(
    history: Path, postgres_url: str
) -> None:
    url = fresh_database(postgres_url, "migrate_make")
    migrate.upgrade("feedback", url)
    ratings = services.load("feedback").metadata.tables["ratings"]
    new = sa.Column("mood", sa.Text())
    ratings.append_column(new)
    try:
        migrate.make("feedback", url, "how it felt")
    finally:
        ratings._columns.remove(new)
    (made,) = history.glob("*_how_it_felt.py")
    assert "add_column('ratings', sa.Column('mood'" in made.read_text()

    migrate.upgrade("feedback", url)

    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    assert "mood" in [column["name"] for column in sa.inspect(engine).get_columns("ratings")]
    engine.dispose()


def test_what_was_sent_before_there_was_a_log_is_in_the_log_in_the_order_of_sending(
    postgres_url: str,
) -> None:
    url = fresh_database(postgres_url, "migrate_log")
    command.upgrade(migrate._config("feedback", url), "0001")
    with psycopg.connect(url) as connection:
        for number, sent_at in [(3, "2026-11-02"), (1, "2026-11-01"), (2, None)]:
            connection.execute(
                "INSERT INTO outbox (event_id, subject, sequence, type, body, recorded_at, sent_at)"
                " VALUES (%s, 'an', %s, 't', 'body', now(), %s)",
                (new_id(), number, sent_at),
            )
        connection.execute("INSERT INTO inbox SELECT event_id, 'count' FROM outbox")
    migrate.upgrade("feedback", url)
    with psycopg.connect(url) as connection:
        log = connection.execute("SELECT sequence, log_position FROM outbox ORDER BY position").fetchall()
        assert log == [(3, 1), (1, 2), (2, None)]
        assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (3,)
