"""`motcua secrets` and `motcua databases`: what is done once, before a portal of one's own is started."""

from pathlib import Path

import click
import psycopg

from chassis import service as services
from chassis.exits import AWAY, REFUSED, USAGE, stop
from chassis.installation import databases, folder
from chassis.settings import text


@click.command("secrets", short_help="Make the keys and passwords of a new installation.")
@click.argument("into", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    default=["localhost", "127.0.0.1"],
    show_default=True,
    help="A name by which the portal and the broker are reached, for their certificates; may be repeated.",
)
def make_secrets(into: Path, hosts: tuple[str, ...]) -> None:
    """Make whatever is missing of the keys, passwords and certificates of an installation in containers.

    A file for each, named as its setting in lower case. What is there stays, so this can be repeated.
    Keep the folder, and a copy elsewhere: what is encrypted with its keys is lost without them.
    """
    try:
        kept = folder.Folder(into)
        folder.fill(kept, services.names(), hosts)
    except OSError as error:
        raise stop(f"{into} cannot be written: {error.strerror}.", REFUSED) from error
    if kept.made:
        click.echo(f"made {len(kept.made)} secrets in {into}. Keep them, and a copy elsewhere.")
    else:
        click.echo(f"Nothing to do: all secrets are in {into}.")


@click.command("databases", short_help="Make the database and the role of each service.")
@click.option("--whole-server", is_flag=True, help="It is the portal's alone: close the rest of it, too.")
def make_databases(whole_server: bool) -> None:
    """Make the database and the login role that each <SERVICE>_DATABASE_URL names, if they are missing.

    Needs POSTGRES_ADMIN_URL, a superuser's. Each role owns its database and may connect to no other. Safe to
    repeat; a role that is there gets the password that its URL says.
    """
    administrator = text("POSTGRES_ADMIN_URL")
    wanted = [_database(f"{name.upper()}_DATABASE_URL") for name in services.names()]
    try:
        for step in databases.make(administrator, wanted):
            click.echo(step)
        if whole_server:
            databases.close_to_others(administrator)
    except psycopg.OperationalError as error:
        raise stop(f"The database server is away: {error}. Run this again.", AWAY) from error
    except psycopg.Error as error:
        raise stop(f"The database server refused: {error}", REFUSED) from error
    click.echo(f"{len(wanted)} databases are there.")


def _database(setting: str) -> databases.Database:
    try:
        return databases.of(text(setting))
    except ValueError as error:
        raise stop(f"{setting}: {error}.", USAGE) from error
