"""What `motcua doctor` finds on this machine: storage, clocks, versions."""

from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from chassis.doctor import clock, storage, versions
from chassis.findings import Finding
from tests.chassis.installed import Doctor

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
Usage = namedtuple("Usage", "total free")  # noqa: PYI024 - as shutil's own
GB = 1024**3


def test_a_folder_is_tried_out_and_left_as_it_was(doctor: Doctor) -> None:
    folder = Path(doctor.settings["FILES_DIR"])
    before = list(folder.iterdir())
    seen = doctor.examine()
    assert any("takes files" in each["what"] for each in seen.groups["Storage"])
    assert list(folder.iterdir()) == before


def test_a_file_where_the_folder_should_be_or_no_folder_at_all_is_wrong(
    doctor: Doctor, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    for path, why in ((taken, "Not a directory"), (tmp_path / "none", "No such file")):
        seen = doctor.examine(FILES_DIR=str(path))
        assert (seen.code, why in seen.found("wrong")["FILES_DIR"]) == (1, True)
        assert "writable by user" in seen.mend("FILES_DIR")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


def test_a_folder_that_is_not_set_is_another_one_wherever_a_process_starts(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var" / "files").mkdir(parents=True)
    assert "below where it was started" in doctor.examine(FILES_DIR=None).found("warning")["FILES_DIR"]


@pytest.mark.parametrize(
    ("free", "total", "severity"),
    [
        (400 * 1024**2, 100 * GB, "wrong"),
        (4 * GB, 20 * GB, "warning"),
        (90 * GB, 1000 * GB, "warning"),
        (6 * GB, 50 * GB, "well"),
    ],
)
def test_room_that_runs_out_is_told_before_it_is_gone(
    tmp_path: Path, free: int, total: int, severity: str
) -> None:
    found = list(storage.look("FILES_DIR", tmp_path, lambda _: Usage(total, free)))
    assert found[0].severity == severity


def test_what_is_in_memory_or_in_the_container_only_is_told(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 0:1 / / rw - overlay overlay rw\n"
        f"2 1 8:1 / {tmp_path}/disk rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        f"3 1 0:9 / {tmp_path}/memory rw - tmpfs none rw\n"
    )
    kinds = [storage.file_system(tmp_path / name, mounts) for name in ("disk/files", "memory", "else")]
    assert kinds == ["ext4", "tmpfs", "overlay"]
    assert storage.file_system(tmp_path, tmp_path / "none") is None


def drift(ahead: float, took: float = 0.0, grain: float = 0.0) -> clock.Drift:
    """Of a server whose clock is so many seconds ahead, and that took so long to answer."""
    ours = iter([NOON, NOON + timedelta(seconds=took)])
    theirs = NOON + timedelta(seconds=took / 2 + ahead)
    return clock.measure(lambda: theirs, lambda: next(ours), timedelta(seconds=grain))


def look(given: clock.Drift) -> Finding:
    (found,) = clock.check({"server": given})
    return found


@pytest.mark.parametrize(
    ("ahead", "severity"),
    [
        (0, "well"),
        (1.9, "well"),
        (-1.9, "well"),
        (2.5, "warning"),
        (-29, "warning"),
        (31, "wrong"),
        (-40, "wrong"),
    ],
)
def test_a_clock_that_differs_is_told_by_how_much(ahead: float, severity: str) -> None:
    found = look(drift(ahead))
    assert found.severity == severity
    if severity != "well":
        assert f"{abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'}" in found.what


def test_a_slow_answer_or_a_clock_of_whole_seconds_is_no_difference() -> None:
    assert look(drift(4, took=6)).severity == "well"
    assert look(drift(-0.5, grain=1)).severity == "well"
    assert look(drift(2.4, grain=1)).severity == "warning"


def test_the_servers_clocks_are_asked(doctor: Doctor) -> None:
    seen = doctor.examine()
    assert [each["where"].split()[0] for each in seen.groups["Clocks"]] == ["PostgreSQL", "Asia/Ho_Chi_Minh"]


def test_time_zone_data_that_is_missing_or_not_viet_nams_is_wrong() -> None:
    assert clock.zone("Asia/Nowhere").severity == "wrong"
    assert clock.zone("Asia/Tokyo").severity == "wrong"
    assert clock.zone().severity == "well"


def test_what_was_locked_is_what_is_here_and_what_is_not_is_named() -> None:
    lock = 'click==0.1 \\\n    --hash=sha256:00\nnone-such==1 ; python_version < "3"\nflask>=3 \\\n'
    wanted = versions.locked(lock)
    assert [each.name for each in wanted] == ["click", "flask"]
    found = versions.libraries(wanted, "as locked")
    assert (found.severity, "click" in found.what, "flask" in found.what) == ("warning", True, False)
    assert versions.libraries([Requirement("never-installed==1")], "as locked").severity == "well"


def test_without_a_lock_file_motcuas_own_needs_are_looked_at(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "as locked" in doctor.examine().found("well")["libraries"]
    monkeypatch.setattr(versions, "LOCK", Path("/nowhere/requirements.lock"))
    assert "as motcua needs them" in doctor.examine().found("well")["libraries"]
