"""`motcua doctor`: the check of an installation."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import click

from chassis.broker.commands import json_or_text
from chassis.doctor import budget, examination
from chassis.exits import AWAY, REFUSED, USAGE, stop
from chassis.findings import Finding, Severity, count, lines

WIDEST = 100
SUMMARY: dict[Severity, tuple[str, str]] = {
    "wrong": ("is wrong", "are wrong"),
    "away": ("did not answer", "did not answer"),
    "warning": ("is to be looked at", "are to be looked at"),
    "filling": ("is being filled", "are being filled"),
    "unseen": ("was not looked at", "were not looked at"),
}


@click.command(short_help="Check an installation, and say how to mend it.")
@click.option(
    "--replicas",
    multiple=True,
    metavar="SERVICE-ROLE=N",
    help="How many run of a process, as dossier-api=3; without it MOTCUA_REPLICAS, else one of each.",
)
@json_or_text
def doctor(replicas: tuple[str, ...], output: str) -> None:
    """Check an installation: settings, databases, connections, broker, storage, clocks, versions, processes.

    Run it with the settings of the services, of all of them or of one; what they do not reach to is said
    to be not looked at. Changes nothing. Exit codes: 0 all is well (warnings are), 1 something is wrong, 2
    wrong use or no settings, 75 something did not answer and nothing else is wrong (try again).
    """
    try:
        counted = examination.replicas(replicas)
    except budget.Unknown as error:
        raise stop(str(error), USAGE) from error
    found = examination.examine(counted)
    if found is None:
        raise stop("There are no settings here: run this where those of the services are.", USAGE)
    _show(found, output)
    raise SystemExit(_exit_code(_all(found)))


def _show(found: Mapping[str, Sequence[Finding]], output: str) -> None:
    if output == "json":
        groups = {name: [asdict(each) for each in findings] for name, findings in found.items()}
        click.echo(json.dumps({"groups": groups, "summary": summary(_all(found))}, ensure_ascii=False))
        return
    width = min(shutil.get_terminal_size().columns, WIDEST)
    for name, findings in found.items():
        click.echo(click.style(name, bold=True, underline=True))
        for line in lines(findings, width):
            click.echo(line)
        click.echo()
    click.echo(summary(_all(found)))


def _all(found: Mapping[str, Sequence[Finding]]) -> list[Finding]:
    return [each for findings in found.values() for each in findings]


def summary(findings: Sequence[Finding]) -> str:
    """One sentence."""
    parts = [
        f"{number} {words[number != 1]}"
        for severity, words in SUMMARY.items()
        if (number := count(findings, severity))
    ]
    start = "Not well" if _exit_code(findings) else "All is well"
    return f"{start}: {', '.join(parts)}." if parts else f"{start}."


def _exit_code(findings: Sequence[Finding]) -> int:
    if count(findings, "wrong"):
        return REFUSED
    return AWAY if count(findings, "away") else 0
