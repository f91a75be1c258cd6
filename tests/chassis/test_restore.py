"""`motcua restore`, as a shell runs it: all or, in words, not yet all."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from alembic import command

from chassis import migrate
from chassis import service as services
from chassis.exits import AWAY, REFUSED
from chassis.testing import fresh_database, settings_environment, test_settings
from tests.chassis.saved import Installation, is_whole

COUNTED = "SELECT count(*) FROM data_keys"


def test_all_rows_and_files_are_put_back_and_a_new_epoch_begins(
    there: Installation, fresh: Installation, folder: Path
) -> None:
    done = fresh.run("restore", str(folder), "-o", "json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["restored"] == services.names()
    assert is_whole(fresh, there)
    for name in services.names():
        assert len(fresh.rows(name, "SELECT epoch FROM epochs")) == 1
        assert fresh.run("migrate", name).exit_code == 0


def test_a_database_that_holds_anything_is_refused_and_none_is_touched(
    there: Installation, fresh: Installation, folder: Path
) -> None:
    fresh.rows("feedback", "CREATE TABLE somebodys (id int)")
    done = fresh.run("restore", str(folder))
    assert done.exit_code == REFUSED
    assert "Nothing was changed" in done.output
    assert "feedback: its database holds tables" in done.output
    assert [fresh.tables(name) for name in services.names()].count(set()) == 4
    assert fresh.contents() == {}


def test_with_other_keys_of_the_same_name_nothing_is_done(fresh: Installation, folder: Path) -> None:
    """Every ring's first key is called the same: its id says little."""
    other = settings_environment(test_settings("notify", ""))["NOTIFY_MASTER_KEYS"]
    for keys, why in ((other.replace("notify-1", "dossier-1"), "is another one"), (other, "lacks the key")):
        done = fresh.run("restore", str(folder), DOSSIER_MASTER_KEYS=keys)
        assert done.exit_code == REFUSED
        assert "'dossier-1'" in done.output
        assert why in done.output
        assert fresh.tables("catalog") == set()


def test_a_backup_of_a_newer_program_is_refused(fresh: Installation, folder: Path) -> None:
    change(folder, lambda told: told["services"]["dossier"].update(revision="9999_later"))
    done = fresh.run("restore", str(folder))
    assert done.exit_code == REFUSED
    assert "newer than this program" in done.output


def test_a_backup_of_an_older_program_is_brought_to_the_tables_of_this_one(
    there: Installation, fresh: Installation, tmp_path: Path, postgres_url: str
) -> None:
    older = fresh_database(postgres_url, f"older_notify_{uuid4().hex[:8]}")
    command.upgrade(migrate._config("notify", older), "0002")
    folder = tmp_path / "older"
    assert there.run("backup", str(folder), NOTIFY_DATABASE_URL=older).exit_code == 0
    done = fresh.run("restore", str(folder))
    assert done.exit_code == 0, done.output
    assert is_whole(fresh, there)
    version = "SELECT version_num FROM alembic_version"
    assert fresh.rows("notify", version) == there.rows("notify", version)


def test_another_format_is_refused(fresh: Installation, folder: Path) -> None:
    change(folder, lambda told: told.update(format=2))
    done = fresh.run("restore", str(folder))
    assert done.exit_code == REFUSED
    assert "format 2" in done.output


def change(folder: Path, how: Any) -> None:
    path = folder / "manifest.json"
    told = json.loads(path.read_text())
    how(told)
    path.write_text(json.dumps(told))


def test_a_database_somebody_is_connected_to_is_refused(fresh: Installation, folder: Path) -> None:
    with psycopg.connect(fresh.url("identity"), application_name="identity-worker"):
        done = fresh.run("restore", str(folder))
    assert done.exit_code == REFUSED
    assert "identity: 1 sessions of identity-worker" in done.output


def test_what_is_not_as_the_manifest_says_is_not_taken_for_whole(fresh: Installation, folder: Path) -> None:
    change(folder, lambda told: told["services"]["dossier"]["rows"].update(files=4))
    done = fresh.run("restore", str(folder))
    assert done.exit_code == REFUSED
    assert "files: 3 of 4 rows" in done.output
    assert fresh.run("migrate", "identity").exit_code == REFUSED


def test_a_file_that_was_half_written_is_written_anew(
    there: Installation, fresh: Installation, folder: Path
) -> None:
    name = there.kept[2]
    target = fresh.files / name[:2] / name
    target.parent.mkdir(parents=True)
    target.write_bytes(b"x" * 1000)
    assert fresh.run("restore", str(folder)).exit_code == 0
    assert is_whole(fresh, there)


def test_a_database_that_is_away_is_another_matter(fresh: Installation, folder: Path) -> None:
    away = f"postgresql://nobody@127.0.0.1:9/{uuid4().hex}"
    assert fresh.run("restore", str(folder), NOTIFY_DATABASE_URL=away).exit_code == AWAY
