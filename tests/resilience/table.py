"""Writes the table of docs/delivery-guarantees.md from the ledger, between two marks."""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.resilience.ledger import FOLDER, WRONGS, Ledger

PAGE = Path("docs/delivery-guarantees.md")
BEGIN, END = "<!-- from the ledger: make resilience -->", "<!-- end of what is from the ledger -->"
HEAD = ["| experiment | times | lost | ghost | twice | out of order | n | 3/n |", "|---" * 8 + "|"]
VERSIONS = ("postgresql", "rabbitmq", "erlang", "python", "commit")


def table(entries: Sequence[Mapping[str, Any]]) -> str:
    """One row for each experiment and its parameters; runs that broke are said, not hidden."""
    judged = [entry for entry in entries if "error" not in entry]
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for entry in judged:
        groups[name_of(entry)].append(entry)
    rows = [row(name, runs) for name, runs in groups.items()]
    return "\n".join([*about(entries, judged), "", *HEAD, *rows])


def name_of(entry: Mapping[str, Any]) -> str:
    parameters = {key: value for key, value in entry["parameters"].items() if key != "times"}
    said = ", ".join(f"{key} {value}" for key, value in parameters.items() if key != "point")
    name = f"{entry['experiment']}: {parameters['point']}" if "point" in parameters else entry["experiment"]
    return f"{name} ({said})" if said else str(name)


def row(name: str, runs: Sequence[Mapping[str, Any]]) -> str:
    n = sum(run["n"] for run in runs)
    wrong = [sum(run[kind] for run in runs) for kind in WRONGS]
    times = sum(run["times"] for run in runs)
    cells = [name, times, *wrong, f"{n:,}", f"{3 / n:.1g}" if n else "-"]
    return f"| {' | '.join(map(str, cells))} |"


def about(entries: Iterable[Mapping[str, Any]], judged: Sequence[Mapping[str, Any]]) -> list[str]:
    entries = list(entries)
    done = {key_of(entry) for entry in judged}
    broke = {key_of(entry) for entry in entries} - done
    first, last = (min(e["at"] for e in judged), max(e["at"] for e in judged)) if judged else ("-", "-")
    found = {name: sorted({str(entry[name]) for entry in judged}) for name in VERSIONS}
    with_what = ", ".join(f"{name} {' and '.join(values)}" for name, values in found.items())
    seeds = sorted({entry["seed"] for entry in judged})
    return [
        f"{len(judged)} runs from {first} to {last}, seeds {', '.join(map(str, seeds))};",
        f"{with_what}. Runs that broke before a verdict and were not done again: {len(broke)}.",
    ]


def key_of(entry: Mapping[str, Any]) -> str:
    return json.dumps([entry["experiment"], entry["seed"], entry["parameters"]], sort_keys=True)


def written_into(page: str, text: str) -> str:
    """ValueError when the marks are not there."""
    before, after = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:before]}\n{text}\n{page[after:]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ledger", type=Path, default=FOLDER / "ledger.jsonl")
    PAGE.write_text(written_into(PAGE.read_text(), table(Ledger(parser.parse_args().ledger).entries())))


if __name__ == "__main__":
    main()
