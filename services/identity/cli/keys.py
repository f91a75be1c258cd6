"""`motcua keys`: what tokens are signed with."""

import click

from services.identity import queries
from services.identity.adapters.ports import rules
from services.identity.cli.store import unit_of_work
from services.identity.commands import keys as signing
from services.identity.model.signing_key import SigningKey, signs_now


@click.group()
def keys() -> None:
    """The keys that sign tokens; public at /api/v1/jwks.

    Exit codes: 0 done, 2 wrong use, 75 the database is away.
    """


@keys.command()
def rotate() -> None:
    """Publish the next key now; it signs after SIGNING_KEY_AHEAD. Again before that: nothing changes."""
    with unit_of_work() as uow:
        following = signing.rotate(uow, rules())
    click.echo(f"{following.kid} signs from {following.signs_from.isoformat(timespec='seconds')}")


@keys.command("list")
def list_keys() -> None:
    """Those that are published, newest first."""
    with unit_of_work() as uow:
        found = sorted(queries.signing_keys_kept(uow), key=lambda key: key.signs_from, reverse=True)
        signer = signs_now(found, uow.now())
    for key in found:
        click.echo(f"{key.kid}  {_state(key, signer)}")


def _state(key: SigningKey, signer: SigningKey | None) -> str:
    from_when = f"{key.signs_from.isoformat(timespec='seconds')}"
    if signer is None or key.signs_from > signer.signs_from:
        return f"signs from {from_when}"
    if key is signer:
        return f"signs since {from_when}"
    until = key.ends_at.isoformat(timespec="seconds") if key.ends_at else "now"
    return f"signed until its successor; published until {until}"
