"""What `make down` takes along: never what people sent to a portal in earnest, unless it is told to."""

import os
import subprocess
from pathlib import Path

import pytest

DOWN = Path(__file__).parents[2] / "deploy" / "down.sh"
COMPOSE = """#!/bin/sh
case "$1" in
  config) echo databases files ;;
  ps) echo "$RUNNING" ;;
  *) echo "$@" ;;
esac
"""
DOCKER = """#!/bin/sh
case "$1" in
  inspect) echo project ;;
  volume) echo "$TRIED" ;;
esac
"""
KEPT, DELETED = "down --remove-orphans", "down --volumes --remove-orphans"


@pytest.mark.parametrize(
    ("data", "tried", "running", "done"),
    [
        ("", "", "one", KEPT),
        ("", "project_sandbox", "one", DELETED),
        ("", "of_another_project_sandbox", "", KEPT),
        ("delete", "", "one", DELETED),
        ("delete", "", "", DELETED),
        ("delete", "project_sandbox", "one", DELETED),
    ],
)
def test_volumes_go_when_told_to_or_when_the_portal_was_only_tried(
    tmp_path: Path, data: str, tried: str, running: str, done: str
) -> None:
    for name, script in (("compose", COMPOSE), ("docker", DOCKER)):
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    given = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TRIED": tried, "RUNNING": running}
    command = [str(DOWN), data, "compose"]
    said = subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[0] == done
    assert ("The data is kept" in said) == (done == KEPT)
