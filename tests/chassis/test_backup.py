"""`motcua backup`, as a shell runs it, on real databases of all services."""

import json
import os
import tarfile
import time
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.backup import files, hold, manifest, places, programs
from chassis.db import open_engine
from chassis.exits import AWAY, REFUSED, USAGE
from chassis.testing import test_settings
from chassis.unit_of_work import UnitsOfWork
from services.dossier.adapters.ports import DossierPorts
from services.dossier.adapters.storage import Folder, path_of
from services.dossier.timers import sweep_files
from tests.chassis.saved import Installation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "today"


def test_a_backup_is_whole_private_and_says_that_keys_are_not_in_it(
    there: Installation, folder: Path
) -> None:
    done = there.run("backup", str(folder))
    assert done.exit_code == 0, done.output
    assert "Keep the keys as well" in done.output
    assert "writers waited" in done.output
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert not folder.with_name("today.partial").exists()
    assert there.run("backup", "verify", str(folder)).exit_code == 0
    told = json.loads(there.run("backup", "verify", str(folder), "-o", "json").stdout)
    assert told["faults"] == []


def test_it_needs_no_key_and_has_none(there: Installation, folder: Path) -> None:
    keyless = {name: "" for name in there.environment if name.endswith(("_KEYS", "_KEY"))}
    done = there.run("backup", str(folder), "-o", "json", **keyless)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["services"]["dossier"]["files"] == len(there.kept)
    written = b"".join(path.read_bytes() for path in folder.iterdir())
    assert test_settings("dossier", "").master.current[1] not in written


def test_a_folder_that_is_there_is_never_written_over(there: Installation, folder: Path) -> None:
    folder.mkdir(parents=True)
    done = there.run("backup", str(folder))
    assert done.exit_code == REFUSED
    assert "never written over" in done.output
    assert list(folder.iterdir()) == []


def test_what_a_killed_one_left_is_no_backup_and_goes(there: Installation, folder: Path) -> None:
    left = folder.with_name("today.partial")
    left.mkdir(parents=True)
    (left / "dossier.dump").write_bytes(b"half")
    refused = there.run("backup", "verify", str(left))
    assert refused.exit_code == REFUSED
    assert "no whole backup" in refused.output
    assert there.run("backup", str(folder)).exit_code == 0
    assert not left.exists()


def test_a_row_whose_file_is_missing_fails_it_and_nothing_stays(there: Installation, folder: Path) -> None:
    gone = there.files / path_of(there.kept[0])
    gone.unlink()
    done = there.run("backup", str(folder))
    assert done.exit_code == REFUSED
    assert f"{gone} is missing" in done.output
    assert list(folder.parent.iterdir()) == []


@pytest.mark.parametrize("content", [b"A BIRTH CERTIFICATE", b"a birth certificate and more", b"a birth"])
def test_a_file_that_is_not_what_its_row_says_fails_it(
    there: Installation, folder: Path, content: bytes
) -> None:
    (there.files / path_of(there.kept[0])).write_bytes(content)
    done = there.run("backup", str(folder))
    assert done.exit_code == REFUSED, done.output
    assert "is not what its row says" in done.output
    assert not folder.exists()


def test_only_what_rows_name_is_in_it(there: Installation, folder: Path) -> None:
    for left in ("incoming/half", "ab/abandoned"):
        (there.files / left).parent.mkdir(parents=True, exist_ok=True)
        (there.files / left).write_bytes(b"of no row")
    assert there.run("backup", str(folder)).exit_code == 0
    named = [one.path for one in files.contents(folder / "dossier.files.tar")]
    assert named == sorted(map(path_of, there.kept))


def test_while_it_is_under_way_no_file_is_removed(there: Installation) -> None:
    """A draft is thrown away after the point: the backup still names its files."""
    there.rows("dossier", "DELETE FROM dossiers")
    long_ago = time.time() - timedelta(hours=2).total_seconds()
    for name in there.kept:
        os.utime(there.files / path_of(name), (long_ago, long_ago))
    settings = test_settings("dossier", there.url("dossier"))
    engine = open_engine(settings.database_url, "test", 2)
    units = UnitsOfWork(engine, settings, DossierPorts(Folder(there.files, 1)))
    with places.Place("dossier", settings.database_url).connect() as under_way:
        assert hold.take(under_way)
        sweep_files(units)
        assert len(there.contents()) == len(there.kept)
    sweep_files(units)
    assert there.contents() == {}
    engine.dispose()


def test_of_two_at_once_the_second_is_refused(
    there: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "PATIENCE_SECONDS", 0.5)
    with places.Place("notify", there.url("notify")).connect() as other:
        assert hold.take(other)
        done = there.run("backup", str(folder))
    assert done.exit_code == REFUSED
    assert "Another backup or restore of notify" in done.output


@pytest.mark.parametrize("part", ["identity.dump", "dossier.files.tar"])
@pytest.mark.parametrize("harm", ["changed", "cut", "gone"])
def test_whatever_is_changed_cut_or_gone_is_found(
    there: Installation, folder: Path, part: str, harm: str
) -> None:
    assert there.run("backup", str(folder)).exit_code == 0
    damage(folder / part, harm)
    for command in (["backup", "verify"], ["restore"]):
        found = there.run(*command, str(folder))
        assert found.exit_code == REFUSED
        assert f"{part} is" in found.output


def damage(path: Path, harm: str) -> None:
    content = bytearray(path.read_bytes())
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(content[:-100])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)


def test_a_file_that_a_row_names_and_the_tar_lacks_is_found(there: Installation, folder: Path) -> None:
    """Even by who made the tar anew and wrote its checksum into the manifest."""
    assert there.run("backup", str(folder)).exit_code == 0
    made = manifest.read(folder)
    tar = folder / "dossier.files.tar"
    lacking = list(files.contents(tar))[1:]
    tar.unlink()
    files.pack(tar, there.files, lacking, lambda _: None)
    text = (folder / manifest.NAME).read_text()
    kept = made.services["dossier"].files
    assert kept is not None
    text = text.replace(kept.part.sha256, files.sha256_of(tar))
    (folder / manifest.NAME).write_text(
        text.replace(f'"size": {kept.part.size}', f'"size": {tar.stat().st_size}')
    )
    found = there.run("backup", "verify", str(folder))
    assert found.exit_code == REFUSED
    assert "2 files are not the 3 that rows name" in found.output


@pytest.mark.parametrize("name", ["", ".", "./", "..", "a/../../b", "/a"])
def test_a_tar_writes_nowhere_but_in_its_folder(tmp_path: Path, name: str) -> None:
    tar, folder = tmp_path / "a.tar", tmp_path / "files"
    with tarfile.open(tar, "w") as packed:
        packed.addfile(tarfile.TarInfo(name))
    with pytest.raises(files.Damaged, match="must not name"):
        list(files.unpack(tar, folder, lambda _: None))
    assert list(tmp_path.iterdir()) == [tar]


def test_a_disk_that_is_full_leaves_nothing(
    there: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "today.partial")

    monkeypatch.setattr(manifest, "write", full)
    done = there.run("backup", str(folder))
    assert (done.exit_code, list(folder.parent.iterdir())) == (REFUSED, [])
    assert "No space left on device" in done.output


def test_a_database_that_is_away_is_another_matter(there: Installation, folder: Path) -> None:
    away = "postgresql://nobody@127.0.0.1:9/nothing"
    assert there.run("backup", str(folder), FEEDBACK_DATABASE_URL=away).exit_code == AWAY
    assert there.run("backup", str(folder), FEEDBACK_DATABASE_URL="").exit_code == USAGE
    assert not folder.parent.exists()


def program(folder: Path, name: str, version: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
    path.chmod(0o755)
    return path


def test_programs_older_than_the_server_are_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = program(tmp_path, "pg_dump", "13.4")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(programs.NoProgram, match=r"PostgreSQL 99 or newer is needed .*pg_dump is of 13"):
        programs.find("pg_dump", 99)
    assert programs.find("pg_dump", 13) == old
    assert programs.find("pg_dump", 18) != old


@pytest.mark.parametrize("name", ["pg_dump", "pg_restore"])
def test_a_server_older_than_17_wants_programs_older_than_17(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A newer pg_restore sets what such a server refuses; the older reads nothing of a newer pg_dump."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    made = program(tmp_path, name, "17.2")
    with pytest.raises(programs.NoProgram, match=rf"16 or newer, but older than 17, .*{name} is of 17"):
        programs.find_for(name, 16)
    assert programs.find_for(name, 17) == made
    program(tmp_path, name, "16.9")
    assert programs.find_for(name, 15) == programs.find_for(name, 16) == made
