"""`motcua bus`: what an operator does for the broker on the command line."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain

import click

from chassis import service as services
from chassis.broker import accounts, admin, apply, check, survey
from chassis.exits import REFUSED
from chassis.findings import Finding, Severity, count, lines

WORDS: dict[Severity, str] = {
    "wrong": "wrong",
    "warning": "to look at",
    "filling": "being filled",
    "unseen": "not seen",
}
json_or_text = click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", help="What to print."
)


@click.group()
def bus() -> None:
    """The message broker: what must be on it.

    Needs AMQP_URL and RABBITMQ_MANAGEMENT_URL. Exit codes: 0 all is well, 1 something is wrong or was
    refused, 2 wrong use or missing settings, 75 the broker is away (try again).
    """


@bus.command("check", short_help="Compare the broker with what must be on it.")
@json_or_text
def check_broker(output: str) -> None:
    """Compare the broker with what must be on it, and say how to mend what is not.

    Changes nothing. Exits with 1 when something is wrong; not for warnings, nor for a queue that is being
    filled from its source's log, which is told from one that lacks a binding where <SERVICE>_DATABASE_URL
    of the source is set.
    """
    ours = accounts.wanted(survey.installed())
    with admin.at_hand() as broker:
        there, findings = survey.take(broker, ours)
    if output == "json":
        click.echo(json.dumps({"broker": broker.at, "findings": [asdict(each) for each in findings]}))
    else:
        _show(there, broker.at, findings)
    if any(each.severity == "wrong" for each in findings):
        raise SystemExit(REFUSED)


@bus.command("apply", short_help="Make what is missing.")
@click.option("--prune", is_flag=True, help="Also take away what is not ours: bindings, policies, accounts.")
@json_or_text
def apply_to_broker(prune: bool, output: str) -> None:
    """Make the exchanges, queues, policies and accounts that are missing, and say which.

    Safe to repeat; deletes nothing without --prune, and never a queue. The queues of events are left to
    their workers, which first bring what was missed. Where BROKER_ACCOUNTS is set, also the services' own
    accounts with their rights; last, so that no worker comes before all else is there.
    """
    ours = accounts.wanted(survey.installed())
    with admin.at_hand() as broker:
        there, wanted, names = check.read(broker), survey.wanted(), services.names()
        steps = chain(apply.missing(broker, there, wanted, names), accounts.apply(broker, ours))
        done = list(_told(steps, output))
        if prune:
            gone = chain(apply.prune(broker, there, wanted, names), accounts.prune(broker, ours))
            done += _told(gone, output)
    if output == "json":
        click.echo(json.dumps({"broker": broker.at, "done": done}))
    elif not done:
        click.echo(f"Nothing to do at {broker.at}.")


def _told(steps: Iterator[str], output: str) -> Iterator[str]:
    for step in steps:
        if output == "text":
            click.echo(step)
        yield step


def _show(there: check.Broker, at: str, findings: Sequence[Finding]) -> None:
    version = ".".join(map(str, there.version))
    counts = f"{len(there.queues)} queues, {len(there.bindings)} bindings"
    click.echo(f"RabbitMQ {version} at {at}: {counts}")
    for line in lines(findings):
        click.echo(line)
    click.echo(summary(findings))


def summary(findings: Sequence[Finding]) -> str:
    if not findings:
        return "All is well."
    return ", ".join(f"{count(findings, kind)} {word}" for kind, word in WORDS.items()) + "."
