"""`motcua agency`: what an operator does for agencies on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from chassis import service as services
from chassis import settings as configuration
from chassis import worker
from chassis.broker import admin
from chassis.exits import REFUSED, USAGE, stop
from chassis.unit_of_work import UnitsOfWork
from services.notify.commands import connecting, mending
from services.notify.model.agency import Access
from vocabulary.codes import parse_agency_code
from vocabulary.refusals import Refusal


@click.group()
def agency() -> None:
    """Agencies' back offices."""


@agency.command()
@click.argument("code")
def connect(code: str) -> None:
    """Give the agency CODE its broker account and queue, and print the new password once.

    Again: a new password, and whatever is missing is mended. Exit codes: 1 refused, 2 wrong use or
    missing settings, 75 the broker is away.
    """
    try:
        access = Access(parse_agency_code(code))
        password = _connect(access.agency)
    except Refusal as refusal:
        raise stop(refusal.detail.en, USAGE) from refusal
    for name, value in _credentials(access, password).items():
        click.echo(f"{name}: {value}")


@agency.command()
@click.argument("codes", nargs=-1, metavar="[CODE]...")
def mend(codes: tuple[str, ...]) -> None:
    """Make again what vanished from the broker: queue, binding, account with the same password, rights.

    Of these agencies, or of all that are connected. A queue made again is filled from the oldest event
    kept. Exit codes: 1 an agency must be connected again, 2 wrong use or missing settings, 75 the broker
    is away.
    """
    try:
        wanted = [parse_agency_code(code) for code in codes]
    except Refusal as refusal:
        raise stop(refusal.detail.en, USAGE) from refusal
    with admin.at_hand() as broker, _units() as units:
        found = mending.mend(units, broker, wanted)
    for each in found:
        done = "made again" if each.mended else "cannot be made again, connect it anew"
        click.echo(f"{each.agency}: {done}: {', '.join(each.missing)}")
    if not found:
        click.echo("nothing is missing")
    if not all(each.mended for each in found):
        raise SystemExit(REFUSED)


def _credentials(access: Access, password: str) -> dict[str, str]:
    return {
        "account": access.account,
        "password": password,
        "queue": access.queue,
        "decisions_exchange": access.decisions_exchange,
        "decisions_key": access.decision_key,
    }


def _connect(agency: str) -> str:
    with admin.at_hand() as broker, _units() as units:
        return connecting.connect(units, broker, agency)


@contextmanager
def _units() -> Iterator[UnitsOfWork]:
    units = worker.open_units(services.load("notify"), configuration.load("notify"), "cli")
    try:
        yield units
    finally:
        units.engine.dispose()
