"""`motcua clerk create`: who checks ID cards at a post office's counter."""

import re
from pathlib import Path

import click

from services.identity.cli.people import create, password_file, person
from services.identity.model.counter import ROLE

OFFICE = re.compile(r"\d{5,6}", re.ASCII)


@click.group()
def clerk() -> None:
    """The people at the post offices who check ID cards."""


@clerk.command("create")
@click.option("--office", required=True, help="The post office's postal code: 5 or 6 digits.")
@click.option("--login", required=True, help="3 to 40 of a-z 0-9 . _ - with at least one letter.")
@click.option("--name", required=True)
@click.option("--phone", required=True, help="A mobile number: codes go there.")
@click.option("--email")
@password_file
def create_clerk(
    office: str, login: str, name: str, phone: str, email: str | None, password_file: Path | None
) -> None:
    """Make the account of a post office's clerk. Exit code 3 when the login is taken."""
    if not OFFICE.fullmatch(office):
        raise click.BadParameter("5 or 6 digits", param_hint="--office")
    create("official", person(login, name, phone, email), password_file, agency_of(office), (ROLE,))


def agency_of(office: str) -> str:
    """No agency of the catalogue has such a code: a clerk has no desk."""
    return f"POST-{office}"
