"""`motcua migrate <service> --make` writes the difference between tables.py and the database."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis import migrate
from chassis import service as services
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
