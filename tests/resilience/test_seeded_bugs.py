"""The table of bugs fits the code as it is; `make seeded-bugs` runs them."""

from pathlib import Path

import pytest

from tests.resilience.seeded_bugs import ROOT, Bug, bugs


def test_there_are_at_least_fifteen_and_no_two_are_the_same() -> None:
    assert len({(bug.file, bug.old, bug.new) for bug in bugs()}) == len(bugs()) >= 15


@pytest.mark.parametrize("bug", bugs(), ids=lambda bug: bug.name)
def test_what_a_bug_changes_is_there_once_and_its_test_exists(bug: Bug, tmp_path: Path) -> None:
    (tmp_path / bug.file).parent.mkdir(parents=True)
    (tmp_path / bug.file).write_text((ROOT / bug.file).read_text())
    bug.put_into(tmp_path)
    path, _, name = bug.test.split()[0].partition("::")
    assert (ROOT / path).exists()
    assert f"def {name}" in (ROOT / path).read_text()
