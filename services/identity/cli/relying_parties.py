"""`motcua relying-party`: the portals that sign people in through this one."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.identity.cli.store import unit_of_work
from services.identity.commands import relying_parties
from services.identity.commands.relying_parties import Wanted
from services.identity.model.claims import SCOPES
from services.identity.model.relying_party import RelyingParty

LONGEST_NAME = 100
file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("relying-party")
def relying_party() -> None:
    """Portals of ministries and provinces that sign people in through this one (OpenID Connect).

    Exit codes: 0 done, 1 refused, 2 wrong use, 75 the database is away.
    """


@relying_party.command()
@click.option("--name", required=True, help="As people are shown it, such as 'Cổng Bộ Y tế'.")
@click.option(
    "--redirect-uri", "redirect_uris", multiple=True, required=True, help="Where codes may go, exactly."
)
@click.option(
    "--post-logout-redirect-uri", "after_logout", multiple=True, help="Where people may go after logging out."
)
@click.option("--backchannel-logout-uri", help="Where it is told that somebody has logged out.")
@click.option(
    "--sector", help="Whoever shares it sees the same id of a person. [default: the addresses' host]"
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(list(SCOPES)),
    default=("openid", "profile"),
    show_default=True,
    help="What it may ask people for.",
)
@click.option(
    "--key-file", type=file, help="Its public key (a JWK), for private_key_jwt instead of a secret."
)
def create(
    name: str,
    redirect_uris: tuple[str, ...],
    after_logout: tuple[str, ...],
    backchannel_logout_uri: str | None,
    sector: str | None,
    scopes: tuple[str, ...],
    key_file: Path | None,
) -> None:
    """Register one, and print its id, and its secret once."""
    if len(name) > LONGEST_NAME or not name.isprintable() or not name.strip():
        raise click.BadParameter(f"readable, at most {LONGEST_NAME} letters", param_hint="--name")
    jwk = key_file.read_text("utf-8") if key_file else None
    wanted = Wanted(name, redirect_uris, scopes, after_logout, sector, jwk, backchannel_logout_uri)
    with unit_of_work() as uow:
        made, secret = relying_parties.create(uow, wanted)
    click.echo(f"client_id: {made.id}")
    if secret:
        click.echo(f"client_secret: {secret}")


@relying_party.command("list")
@click.option("-o", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_relying_parties(output: str) -> None:
    """All of them, oldest first; a revoked one says so."""
    with unit_of_work() as uow:
        found = relying_parties.listed(uow)
    if output == "json":
        click.echo(json.dumps([_facts(each) for each in found], ensure_ascii=False))
        return
    for each in found:
        state = f"revoked {each.revoked_at:%Y-%m-%d}" if each.revoked_at else "open"
        click.echo("  ".join((str(each.id), state, each.sector, " ".join(each.scopes), each.name)))


@relying_party.command()
@click.argument("client_id", type=click.UUID)
def revoke(client_id: UUID) -> None:
    """Nobody signs in through it any more, and its tokens end now."""
    with unit_of_work() as uow:
        revoked = relying_parties.revoke(uow, client_id)
    click.echo(f"{revoked.id} ({revoked.name}) is revoked")


def _facts(party: RelyingParty) -> dict[str, Any]:
    return {
        "client_id": str(party.id),
        "name": party.name,
        "sector": party.sector,
        "redirect_uris": party.redirect_uris,
        "post_logout_redirect_uris": party.post_logout_redirect_uris,
        "backchannel_logout_uri": party.backchannel_logout_uri,
        "scopes": party.scopes,
        "proof": "private_key_jwt" if party.jwk else "secret",
        "created_at": party.created_at.isoformat(timespec="seconds"),
        "revoked_at": party.revoked_at.isoformat(timespec="seconds") if party.revoked_at else None,
    }
