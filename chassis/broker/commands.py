"""`motcua bus`: what an operator does for the broker on the command line."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain, groupby
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from chassis import service as services
from chassis import settings as configuration
from chassis import worker
from chassis.broker import accounts, admin, apply, check, filling, plan
from chassis.broker.admin import BrokerAdmin
from chassis.broker.findings import Finding, unseen
from chassis.bus import Topics
from chassis.exits import REFUSED
from chassis.service import Service
from chassis.settings import env, text

MARKS = {
    "wrong": ("x", "red"),
    "warning": ("!", "yellow"),
    "filling": ("+", "green"),
    "unseen": ("?", "cyan"),
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
    ours = accounts.wanted(_installed())
    with admin.at_hand() as broker:
        # Before the broker is looked at: what is bound meanwhile is then no finding.
        withheld, unasked = filling.ask(services.names(), _topics())
        there, wanted = check.read(broker), _plan()
        findings = [
            *check.look(there, wanted, services.names(), withheld),
            *unasked,
            *accounts.check(broker, ours),
            *_looked_at_by_services(broker),
        ]
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
    ours = accounts.wanted(_installed())
    with admin.at_hand() as broker:
        there, wanted, names = check.read(broker), _plan(), services.names()
        steps = chain(apply.missing(broker, there, wanted, names), accounts.apply(broker, ours))
        done = list(_told(steps, output))
        if prune:
            gone = chain(apply.prune(broker, there, wanted, names), accounts.prune(broker, ours))
            done += _told(gone, output)
    if output == "json":
        click.echo(json.dumps({"broker": broker.at, "done": done}))
    elif not done:
        click.echo(f"Nothing to do at {broker.at}.")


def _plan() -> plan.Plan:
    return plan.of(_topics(), worker.doors(_installed()))


def _topics() -> Topics:
    return worker.topics(_installed(), env.int("EVENT_SHARDS", 1))


def _installed() -> list[Service]:
    return [services.load(name) for name in services.names()]


def _told(steps: Iterator[str], output: str) -> Iterator[str]:
    for step in steps:
        if output == "text":
            click.echo(step)
        yield step


def _looked_at_by_services(broker: BrokerAdmin) -> Iterator[Finding]:
    for service in map(services.load, services.names()):
        if service.check_broker:
            yield from _looked_at_by(service, broker)


def _looked_at_by(service: Service, broker: BrokerAdmin) -> Iterator[Finding]:
    setting = f"{service.name.upper()}_DATABASE_URL"
    if not text(setting, ""):
        yield unseen(service.name, "its queues and accounts were not looked at", f"set {setting}")
        return
    units = worker.open_units(service, configuration.load(service.name), "cli")
    try:
        assert service.check_broker
        yield from list(service.check_broker(units, broker))
    except SQLAlchemyError:
        what = "its queues and accounts were not looked at: its database is away"
        yield unseen(service.name, what, "run this again once it answers")
    finally:
        units.engine.dispose()


def _show(there: check.Broker, at: str, findings: Sequence[Finding]) -> None:
    version = ".".join(map(str, there.version))
    counts = f"{len(there.queues)} queues, {len(there.bindings)} bindings"
    click.echo(f"RabbitMQ {version} at {at}: {counts}")
    for mend, same in groupby(findings, key=lambda each: each.mend):
        for each in same:
            mark, colour = MARKS[each.severity]
            where = click.style(each.where, bold=True)
            click.echo(f"{click.style(mark, fg=colour, bold=True)} {where}: {each.what}")
        click.echo(click.style(f"    mend: {mend}", dim=True))
    click.echo(summary(findings))


def summary(findings: Sequence[Any]) -> str:
    numbers = {kind: sum(each.severity == kind for each in findings) for kind in MARKS}
    if not findings:
        return "All is well."
    words = {"wrong": "wrong", "warning": "to look at", "filling": "being filled", "unseen": "not seen"}
    return ", ".join(f"{numbers[kind]} {word}" for kind, word in words.items()) + "."
