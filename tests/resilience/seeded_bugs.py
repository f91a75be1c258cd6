"""`make seeded-bugs`: each bug of seeded_bugs.toml in a copy of the tree, whose test must then fail."""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("seeded_bugs.toml")
FAILED = 1
"""pytest's exit code when tests failed; 4 and 5 are a wrong name and no test at all."""
MOST_SECONDS = 900


@dataclass(frozen=True)
class Bug:
    name: str
    file: str
    old: str
    new: str
    test: str

    def put_into(self, tree: Path) -> None:
        """LookupError when what it changes is not there exactly once."""
        path = tree / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise LookupError(f"{self.file} has {text.count(self.old)} times: {self.old!r}")
        path.write_text(text.replace(self.old, self.new))


def bugs() -> list[Bug]:
    return [Bug(**bug) for bug in tomllib.loads(TABLE.read_text())["bug"]]


def copied_to(folder: Path) -> None:
    """All that git knows, as it is now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())


def run(test: str, tree: Path) -> tuple[int, str]:
    """Exit code and report of pytest, in that tree and with its code."""
    pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-rf", "-p", "no:cacheprovider"]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    try:
        done = subprocess.run(
            [*pytest, *shlex.split(test)],
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return FAILED, "FAILED it hangs"
    return done.returncode, done.stdout


def caught(bug: Bug) -> tuple[bool, str]:
    """Whether its test fails with it, and what failed."""
    with tempfile.TemporaryDirectory(prefix="motcua-seeded-") as folder:
        tree = Path(folder)
        copied_to(tree)
        bug.put_into(tree)
        code, report = run(bug.test, tree)
    failed = [line.split(" - ")[0] for line in report.splitlines() if line.startswith("FAILED ")]
    return code == FAILED and bool(failed), failed[0].removeprefix("FAILED ") if failed else report[-500:]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make seeded-bugs", description=__doc__)
    parser.add_argument("--only", default="", help="only bugs whose name has these words")
    only = parser.parse_args().only
    missed = 0
    for bug in (bug for bug in bugs() if only in bug.name):
        started = time.monotonic()
        was_caught, by = caught(bug)
        missed += not was_caught
        print(
            f"{'caught' if was_caught else 'MISSED'} | {bug.name} | {by} | {time.monotonic() - started:.0f} s"
        )
        sys.stdout.flush()
    print(f"{missed} were missed" if missed else "each was caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
