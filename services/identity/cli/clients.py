"""`motcua client`: the API clients of agencies' back offices."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import click

from chassis import settings as configuration
from chassis.db import open_engine
from chassis.exits import REFUSED, stop
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from services.identity.commands import clients
from services.identity.model.client import Client
from vocabulary.codes import parse_agency_code
from vocabulary.refusals import Refusal

LONGEST_NAME = 100


class Agency(click.ParamType[str]):
    name = "agency"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return parse_agency_code(value)
        except Refusal as refusal:
            self.fail(refusal.detail.en, param, ctx)


@click.group()
def client() -> None:
    """API clients of agencies' back offices.

    Exit codes: 0 done, 1 refused, 2 wrong use, 75 the database is away.
    """


@client.command()
@click.option("--agency", type=Agency(), required=True, help="The agency's code, such as H01 or H55.242.")
@click.option("--name", default="", help="What it is, for the list.")
def create(agency: str, name: str) -> None:
    """Make a client for an agency, and print its secret once."""
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise click.BadParameter(f"readable, at most {LONGEST_NAME} letters", param_hint="--name")
    with _unit_of_work() as uow:
        made, secret = clients.create(uow, agency, name)
    click.echo(f"client_id: {made.id}")
    click.echo(f"client_secret: {secret}")


@client.command("list")
@click.option("--agency", type=Agency(), help="Only this agency's.")
@click.option("-o", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_clients(agency: str | None, output: str) -> None:
    """All clients, oldest first; a revoked one says so."""
    with _unit_of_work() as uow:
        found = clients.listed(uow, agency)
    if output == "json":
        click.echo(json.dumps([_facts(each) for each in found], ensure_ascii=False))
        return
    for each in found:
        click.echo("  ".join(word for word in _words(each) if word))


@client.command()
@click.argument("client_id", type=click.UUID)
def revoke(client_id: UUID) -> None:
    """Give this client no more tokens; those it has end within ACCESS_LIFETIME."""
    with _unit_of_work() as uow:
        revoked = clients.revoke(uow, client_id)
    click.echo(f"{revoked.id} of {revoked.agency} is revoked")


@contextmanager
def _unit_of_work() -> Iterator[UnitOfWork]:
    settings = configuration.load("identity")
    engine = open_engine(settings.database_url, "identity-console", 1)
    try:
        with UnitsOfWork(engine, settings)() as uow:
            yield uow
    except Refusal as refusal:
        raise stop(refusal.detail.en, REFUSED) from refusal
    finally:
        engine.dispose()


def _words(client: Client) -> list[str]:
    used = f"used {_time(client.last_used_at)}" if client.last_used_at else "never used"
    state = f"revoked {_time(client.revoked_at)}" if client.revoked_at else used
    return [str(client.id), client.agency, state, client.name]


def _facts(client: Client) -> dict[str, str | None]:
    return {
        "client_id": str(client.id),
        "agency": client.agency,
        "name": client.name,
        "created_at": _time(client.created_at),
        "last_used_at": _time(client.last_used_at),
        "revoked_at": _time(client.revoked_at),
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
