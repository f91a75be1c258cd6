"""`motcua agency`: what an operator does for agencies on the command line."""

from urllib.parse import unquote, urlsplit

import click

from chassis import service as services
from chassis import settings as configuration
from chassis import worker
from chassis.settings import text
from services.notify.adapters.broker import BrokerAdmin, BrokerAway, BrokerRefused
from services.notify.commands import connecting
from services.notify.model.agency import Access
from vocabulary.codes import parse_agency_code
from vocabulary.refusals import Refusal

USAGE, REFUSED, AWAY = 2, 1, 75
"""75: EX_TEMPFAIL of sysexits.h, trying again may help."""


def stop(message: str, exit_code: int) -> click.ClickException:
    stopped = click.ClickException(message)
    stopped.exit_code = exit_code  # type: ignore[misc]  # click's own way to set it
    return stopped


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
    except BrokerRefused as refused:
        raise stop(f"The broker refused: {refused}", REFUSED) from refused
    except BrokerAway as away:
        raise stop(f"The broker is away: {away}. Run this again.", AWAY) from away
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
    broker = _broker()
    units = worker.open_units(services.load("notify"), settings, "cli")
    try:
        return connecting.connect(units, broker, agency)
    finally:
        units.engine.dispose()


def _broker() -> BrokerAdmin:
    """The virtual host is the one of AMQP_URL."""
    return BrokerAdmin(_setting("RABBITMQ_MANAGEMENT_URL"), vhost(_setting("AMQP_URL")))


def vhost(amqp_url: str) -> str:
    """`amqp://host` and `amqp://host/` mean `/`, as kombu reads them."""
    return unquote(urlsplit(amqp_url).path[1:]) or "/"


def _setting(name: str) -> str:
    value = text(name, "")
    if not value:
        raise stop(f"{name} is not set.", USAGE)
    return value
