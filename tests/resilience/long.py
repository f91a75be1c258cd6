"""`make resilience`: the long form, resumable. What is in the ledger is not done again."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.resilience import ledger as ledgers
from tests.resilience.ledger import FOLDER, Ledger, Run
from tests.resilience.plan import EXPERIMENTS, all_runs
from tests.resilience.servers import Ground, ground

OK, FOUND_SOMETHING_WRONG, NOT_DONE = 0, 1, 75


def main() -> int:
    arguments = _arguments()
    # Cut off by SIGTERM it takes its servers with it, as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ledger = Ledger(arguments.ledger)
    if arguments.fresh:
        ledger.start_over()
    done = ledger.done()
    todo = [run for run in all_runs() if run.key not in done and arguments.only in run.key]
    say(f"{len(done)} runs are in {ledger.path}, {len(todo)} are left")
    until = time.monotonic() + arguments.minutes * 60
    if todo:
        with (
            tempfile.TemporaryDirectory(prefix="motcua-resilience-") as folder,
            ground(Path(folder), say) as made,
        ):
            work_through(todo, made, ledger, until)
    return summed_up(ledger, todo)


def work_through(todo: Sequence[Run], made: Ground, ledger: Ledger, until: float) -> None:
    for number, run in enumerate(todo, 1):
        if time.monotonic() > until:
            say("The time is up; the same command goes on from here.")
            return
        say(f"[{number}/{len(todo)}] {run.experiment} {dict(run.parameters)} seed {run.seed} ...")
        work(run, made, ledger)


def work(run: Run, made: Ground, ledger: Ledger) -> None:
    started, about = time.monotonic(), ledgers.surroundings(made.versions())
    try:
        outcome = EXPERIMENTS[run.experiment](made, run.seed, **run.parameters)
    except Exception as error:
        ledger.record_error(run, error, about)
        say(f"    broke: {type(error).__name__}: {error}")
        return
    seconds = round(time.monotonic() - started, 1)
    ledger.record(run, outcome, {**about, "seconds": seconds})
    say(f"    {outcome.verdict}; {seconds} s {dict(outcome.notes) or ''}")


def summed_up(ledger: Ledger, todo: Sequence[Run]) -> int:
    entries, done = ledger.entries(), ledger.done()
    wrong = [entry for entry in entries if any(entry.get(name) for name in ledgers.WRONGS)]
    for entry in wrong:
        say(f"WRONG: {entry['experiment']} {entry['parameters']} seed {entry['seed']}: {entry['examples']}")
    left = [run for run in todo if run.key not in done]
    say(f"{len(done)} runs came to a verdict, {len(wrong)} of them found something wrong; {len(left)} left")
    return FOUND_SOMETHING_WRONG if wrong else NOT_DONE if left else OK


def say(line: str) -> None:
    print(line, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make resilience", description=__doc__)
    path = os.environ.get("MOTCUA_LEDGER") or FOLDER / "ledger.jsonl"
    parser.add_argument("--ledger", type=Path, default=Path(path))
    parser.add_argument("--fresh", action="store_true", help="start over")
    parser.add_argument("--only", default="", help="only runs whose name or parameters have these words")
    parser.add_argument("--minutes", type=float, default=600, help="begin no run after so long")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
