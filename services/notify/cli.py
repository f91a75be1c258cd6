"""`motcua agency`: what an operator does for agencies on the command line."""

import click

from chassis import service as services
from chassis import settings as configuration
from chassis import worker
from chassis.broker import admin
from chassis.exits import USAGE, stop
from services.notify.commands import connecting
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


def _credentials(access: Access, password: str) -> dict[str, str]:
    return {
        "account": access.account,
        "password": password,
        "queue": access.queue,
        "decisions_exchange": access.decisions_exchange,
        "decisions_key": access.decision_key,
    }


def _connect(agency: str) -> str:
    settings = configuration.load("notify")
    with admin.at_hand() as broker:
        units = worker.open_units(services.load("notify"), settings, "cli")
        try:
            return connecting.connect(units, broker, agency)
        finally:
            units.engine.dispose()
