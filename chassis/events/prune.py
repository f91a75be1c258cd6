"""`motcua events prune`: forget what is past its time, now instead of tonight."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import click

from chassis import retention
from chassis.events.places import reachable
from chassis.events.printing import SERVICE, as_json, bad, head, output_option, progress
from chassis.exits import REFUSED
from chassis.retention import Pruned
from chassis.settings import event_retention
from chassis.unit_of_work import utc_now


class Days(click.ParamType[timedelta]):
    name = "DAYS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,5})d?", str(value))
        return timedelta(days=int(found[1])) if found else self.fail(f"{value!r} is not like 90d", param, ctx)


@click.command(short_help="Forget what is past its time.")
@click.argument("service", type=SERVICE, required=False)
@click.option("--older-than", type=Days(), help="Days, as 90d; else EVENT_RETENTION.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@output_option
def prune(service: str | None, older_than: timedelta | None, dry_run: bool, output: str) -> None:
    """Drop the months of outbox and inbox that are past their time; workers do so once a day.

    The inbox is kept a month longer. What is unsent, or not yet handled by a subscriber, is kept, with
    the reason, and the exit code is 1.
    """
    age = event_retention() if older_than is None else older_than
    steps: list[tuple[str, Pruned]] = []
    with reachable(service) as places, progress("pruning", len(places)) as bar:
        for place in places:
            with place.connect():  # away is said here
                steps += [(place.service, s) for s in retention.prune(place.engine, utc_now(), age, dry_run)]
            bar.update(1)
    if output == "json":
        as_json({"dry_run": dry_run, "steps": [{"service": name, **asdict(step)} for name, step in steps]})
    else:
        _tell(steps, dry_run)
    if any(step.kept for _, step in steps):
        raise SystemExit(REFUSED)


def _tell(steps: Sequence[tuple[str, Pruned]], dry_run: bool) -> None:
    done = "would go" if dry_run else "gone"
    for service, step in steps:
        what = f"{head(f'{service} {step.table}')} {step.what}: {step.rows} rows"
        click.echo(f"{what} {bad(f'kept: {step.kept}') if step.kept else done}")
    if not steps:
        click.echo("Nothing is past its time.")
