"""`motcua agency`: what an operator does for agencies on the command line."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Literal

import click
from sqlalchemy.exc import OperationalError

from chassis import service as services
from chassis import settings as configuration
from chassis import worker
from chassis.broker import admin
from chassis.events.printing import as_json, output_option, progress
from chassis.exits import AWAY, REFUSED, USAGE, stop
from chassis.unit_of_work import UnitsOfWork
from services.notify import queries
from services.notify.commands import connecting, mending, replays
from services.notify.model.agency import Access
from services.notify.model.doors import Replay
from vocabulary.codes import parse_agency_code
from vocabulary.refusals import Refusal

Door = Literal["amqp", "webhook"]
WAIT_SECONDS = 300
LOOK_EVERY_SECONDS = 0.5


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


@click.command(short_help="Have an agency get its past events again.")
@click.option("--to", "code", required=True, metavar="AGENCY", help="The agency's code, as H01.")
@click.option("--door", type=click.Choice(["amqp", "webhook"]), default="amqp", show_default=True)
@click.option("--after", metavar="CURSOR", help="From after this cursor; else from the oldest kept.")
@click.option("--position", type=click.IntRange(0), help="The same, by a position of the agency's log.")
@click.option("--wait", is_flag=True, help=f"Wait until it is delivered, {WAIT_SECONDS} s at most.")
@output_option
def replay(code: str, door: Door, after: str | None, position: int | None, wait: bool, output: str) -> None:
    """Send the agency's log again through a door: history, then live, without a gap.

    Notify's worker delivers. Exit codes: 1 refused (no such door, pruned, restored), or with --wait not
    delivered in time; 2 wrong use; 75 the database is away.
    """
    if after is not None and position is not None:
        raise click.UsageError("Give --after or --position, not both.")
    try:
        agency_code = parse_agency_code(code)
        with _units() as units:
            with units() as uow:
                made = replays.replay_from(uow, agency_code, door, after, position)
            delivered = _delivered(units, agency_code, made) if wait else None
    except Refusal as refusal:
        raise stop(refusal.detail.en, REFUSED) from refusal
    except OperationalError as error:
        raise stop("The database of notify is away. Run this again.", AWAY) from error
    _tell(agency_code, made, delivered, output)


def _delivered(units: UnitsOfWork, agency: str, made: Replay) -> bool:
    """Whether the door has the log again up to where it was."""
    end = time.monotonic() + WAIT_SECONDS
    whole = made.until_position - made.from_position + 1
    with progress(f"{agency} {made.door}", max(whole, 0)) as bar:
        while True:
            with units() as uow:
                reached = queries.door_position(uow, agency, made.door)
            bar.update(min(max(reached - made.from_position + 1, 0), whole) - bar.pos)
            if reached >= made.until_position or time.monotonic() > end:
                return reached >= made.until_position
            time.sleep(LOOK_EVERY_SECONDS)


def _tell(agency: str, made: Replay, delivered: bool | None, output: str) -> None:
    if output == "json":
        as_json({"agency": agency, **asdict(made), "delivered": delivered})
    elif made.from_position > made.until_position:
        click.echo(f"{agency} has all that is kept; there is nothing to send again.")
    else:
        verb = {None: "comes again", True: "came again", False: "is not all delivered yet"}[delivered]
        click.echo(
            f"{agency} {made.door}: {made.from_position} to {made.until_position} {verb}, then what is new."
        )
    if delivered is False:
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
