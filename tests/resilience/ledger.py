"""The ledger of the long form: one JSON line for each run, so that a run is never done twice."""

import json
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.resilience.outcome import Outcome

FOLDER = Path("var/resilience")
WRONGS = ("lost", "ghost", "twice", "disordered")
EXAMPLES = 5


@dataclass(frozen=True)
class Run:
    """One run of one experiment: what it is called, and everything that repeats it."""

    experiment: str
    seed: int
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return json.dumps([self.experiment, self.seed, dict(self.parameters)], sort_keys=True)


class Ledger:
    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[dict[str, Any]]:
        """A last line that was cut off is left out: that run is done again."""
        if not self.path.exists():
            return []
        lines = self.path.read_text().split("\n")
        return [json.loads(line) for line in lines[:-1] if line]

    def done(self) -> set[str]:
        """Keys of runs that came to a verdict; those that broke are done again."""
        return {
            Run(entry["experiment"], entry["seed"], entry["parameters"]).key
            for entry in self.entries()
            if "error" not in entry
        }

    def record(self, run: Run, outcome: Outcome, about: Mapping[str, Any]) -> None:
        verdict = outcome.verdict
        wrong = {name: len(getattr(verdict, name)) for name in WRONGS}
        found = {name: [str(one) for one in getattr(verdict, name)[:EXAMPLES]] for name in WRONGS}
        examples = {name: some for name, some in found.items() if some}
        self._write(
            run,
            {"n": verdict.n, **wrong, "times": outcome.times, "examples": examples},
            {"notes": dict(outcome.notes)},
            about,
        )

    def record_error(self, run: Run, error: BaseException, about: Mapping[str, Any]) -> None:
        self._write(run, {"error": f"{type(error).__name__}: {error}"[:2000]}, about)

    def start_over(self) -> None:
        self.path.unlink(missing_ok=True)

    def _write(self, run: Run, *parts: Mapping[str, Any]) -> None:
        entry: dict[str, Any] = {"experiment": run.experiment, "parameters": dict(run.parameters)}
        entry |= {"seed": run.seed, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        for part in parts:
            entry |= part
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._end_a_line_that_was_cut_off()
        with self.path.open("a") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def _end_a_line_that_was_cut_off(self) -> None:
        whole = self.path.read_text().rpartition("\n") if self.path.exists() else ("", "", "")
        if whole[2]:
            self.path.write_text(whole[0] + whole[1])


def surroundings(versions: Mapping[str, str]) -> dict[str, Any]:
    """What else a figure depends on."""
    return {**versions, "python": platform.python_version(), "commit": commit()}


def commit() -> str:
    """With a plus when the tree differs from it."""
    git = ["git", "describe", "--always", "--abbrev=10", "--exclude=*", "--dirty=+"]
    return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
