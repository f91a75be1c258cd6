"""`motcua restore`, as a shell runs it: all or, in words, not yet all."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic import command

from chassis import migrate
from chassis import service as services
from chassis.backup import facts, mark, programs
from chassis.exits import AWAY, REFUSED
from chassis.testing import fresh_database, settings_environment, test_settings
from tests.chassis.saved import Installation, empty, in_use

COUNTED = "SELECT count(*) FROM data_keys"


@pytest.fixture
def there(tmp_path: Path, postgres_url: str) -> Installation:
    return in_use(tmp_path / "there", postgres_url)


@pytest.fixture
def folder(tmp_path: Path, there: Installation) -> Path:
    made = tmp_path / "backup"
    assert there.run("backup", str(made)).exit_code == 0
    return made


@pytest.fixture
def fresh(tmp_path: Path, postgres_url: str) -> Iterator[Installation]:
    made = empty(tmp_path / "fresh", postgres_url)
    yield made
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in services.names():
            database = made.url(name).rpartition("/")[2]
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())


def is_whole(fresh: Installation, there: Installation) -> bool:
    unmarked = not any(facts.MARK in fresh.tables(name) for name in services.names())
    same = all(fresh.tables(name) == there.tables(name) for name in services.names())
    contents = fresh.contents() == there.contents()
    return unmarked and same and contents and fresh.rows("dossier", COUNTED) == there.rows("dossier", COUNTED)


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


def cut_off_after(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command ends as if killed, before the next database is read in."""
    run, left = programs.run, [number]

    def some(program: Path, url: str, *arguments: str) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        run(program, url, *arguments)

    monkeypatch.setattr(programs, "run", some)


def test_cut_off_it_is_taken_for_whole_by_nobody_and_is_done_when_run_again(
    there: Installation, fresh: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut_off_after(2, cut)
        assert fresh.run("restore", str(folder)).exit_code != 0
    for name in services.names():
        for role in (["api", name], ["worker", name], ["migrate", name]):
            refused = fresh.run(*role, AMQP_URL="amqp://127.0.0.1:9")
            assert refused.exit_code == REFUSED, (role, refused.output)
            assert "run `motcua restore` again" in refused.output
    backed_up = fresh.run("backup", str(folder.with_name("another")))
    assert backed_up.exit_code == REFUSED
    assert fresh.run("restore", str(folder)).exit_code == 0
    assert is_whole(fresh, there)


def test_cut_off_while_the_last_marks_go_it_is_done_when_run_again(
    there: Installation, fresh: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove, left = mark.remove, [2]

    def some(connection: Any) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        remove(connection)

    with monkeypatch.context() as cut:
        cut.setattr(mark, "remove", some)
        assert fresh.run("restore", str(folder)).exit_code != 0
    assert not is_whole(fresh, there)
    assert fresh.run("restore", str(folder)).exit_code == 0
    assert is_whole(fresh, there)


def test_one_that_was_begun_is_not_mixed_with_another(
    there: Installation, fresh: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = folder.with_name("other")
    assert there.run("backup", str(other)).exit_code == 0
    with monkeypatch.context() as cut:
        cut_off_after(2, cut)
        fresh.run("restore", str(folder))
    done = fresh.run("restore", str(other))
    assert done.exit_code == REFUSED
    assert "the restore of another backup" in done.output


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
