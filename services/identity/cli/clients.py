"""`motcua client`: the API clients of agencies' back offices."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.identity.cli.store import unit_of_work
from services.identity.commands import clients
from services.identity.model.client import SCOPE, SCOPES, Client, parse_client_name
from vocabulary.codes import parse_agency_code
from vocabulary.refusals import Refusal


class Name(click.ParamType[str]):
    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return parse_client_name(value)
        except Refusal as refusal:
            self.fail(refusal.detail.en, param, ctx)


PUBLIC_KEYS = click.Path(exists=True, dir_okay=False, path_type=Path)
KEYS_HELP = "A file with its public key (a JWK) or keys (a JWK Set)."


def read_keys(file: Path) -> list[dict[str, Any]]:
    """A JWK, or the keys of a JWK Set. Wrong use when it is neither."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        found = said.get("keys", [said])
        if not all(isinstance(each, dict) for each in found):
            raise TypeError
    except (ValueError, TypeError, AttributeError):
        raise click.BadParameter("neither a JWK nor a JWK Set", param_hint=str(file)) from None
    return list(found)


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
@click.option("--name", type=Name(), default="", help="What it is, for the list.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(list(SCOPES)), default=(SCOPE,))
@click.option("--keys", "file", type=PUBLIC_KEYS, help=KEYS_HELP)
def create(agency: str, name: str, scopes: tuple[str, ...], file: Path | None) -> None:
    """Make a client for an agency, and print its secret once; with --keys it signs and has none."""
    secret = None
    with unit_of_work() as uow:
        if file:
            made = clients.create_with_keys(uow, agency, name, read_keys(file), scopes)
        else:
            made, secret = clients.create(uow, agency, name, scopes)
    click.echo(f"client_id: {made.id}")
    if secret:
        click.echo(f"client_secret: {secret}")


@client.command()
@click.argument("client_id", type=click.UUID)
@click.argument("file", type=PUBLIC_KEYS)
def keys(client_id: UUID, file: Path) -> None:
    """Give this client new public keys (a JWK or a JWK Set); what it had before is no longer good."""
    with unit_of_work() as uow:
        changed = clients.change_keys(uow, client_id, read_keys(file))
    click.echo(f"{changed.id} of {changed.agency} signs with {len(changed.keys)} key(s)")


@client.command("list")
@click.option("--agency", type=Agency(), help="Only this agency's.")
@click.option("-o", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_clients(agency: str | None, output: str) -> None:
    """All clients, oldest first; a revoked one says so."""
    with unit_of_work() as uow:
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
    with unit_of_work() as uow:
        revoked = clients.revoke(uow, client_id)
    click.echo(f"{revoked.id} of {revoked.agency} is revoked")


def _words(client: Client) -> list[str]:
    used = f"used {_time(client.last_used_at)}" if client.last_used_at else "never used"
    state = f"revoked {_time(client.revoked_at)}" if client.revoked_at else used
    return [str(client.id), client.agency, state, "signs" if client.keys else "", client.name]


def _facts(client: Client) -> dict[str, Any]:
    return {
        "client_id": str(client.id),
        "agency": client.agency,
        "name": client.name,
        "scopes": client.scopes,
        "signs": bool(client.keys),
        "created_at": _time(client.created_at),
        "last_used_at": _time(client.last_used_at),
        "revoked_at": _time(client.revoked_at),
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
