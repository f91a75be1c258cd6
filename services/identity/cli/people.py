"""`motcua operator create` and `motcua official create`: the accounts that nobody registers for."""

import os
import secrets
from pathlib import Path
from typing import NoReturn

import click

from chassis import audit
from chassis import settings as configuration
from chassis.db import open_engine
from chassis.unit_of_work import UnitsOfWork
from services.identity.adapters.passwords import Passwords
from services.identity.adapters.ports import from_environment
from services.identity.commands import accounts
from services.identity.model.official import ROLES
from services.identity.model.password import check_password
from services.identity.model.person import AccountKind, Person, parse_full_name, parse_staff_login
from vocabulary.codes import parse_agency_code
from vocabulary.people import parse_phone
from vocabulary.refusals import Conflict, Refusal

EXIT_INVALID = 2
EXIT_TAKEN = 3
EASY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

password_file = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the password from this file (or from MOTCUA_PASSWORD) instead of making one.",
)


@click.group()
def operator() -> None:
    """The people who run the portal."""


@click.group()
def auditor() -> None:
    """The people who look whether the portal is run as it should be: they read, and change nothing."""


@click.group()
def official() -> None:
    """The people who decide dossiers for an agency."""


@operator.command("create")
@click.option("--login", required=True, help="3 to 40 of a-z 0-9 . _ - with at least one letter.")
@click.option("--name", required=True)
@click.option("--phone", required=True, help="A mobile number: codes go there.")
@click.option("--email")
@password_file
def create_operator(login: str, name: str, phone: str, email: str | None, password_file: Path | None) -> None:
    """Make an operator's account. Exit code 3 when the login is taken."""
    create("operator", person(login, name, phone, email), password_file)


@auditor.command("create")
@click.option("--login", required=True, help="3 to 40 of a-z 0-9 . _ - with at least one letter.")
@click.option("--name", required=True)
@click.option("--phone", required=True, help="A mobile number: codes go there.")
@click.option("--email")
@password_file
def create_auditor(login: str, name: str, phone: str, email: str | None, password_file: Path | None) -> None:
    """Make an auditor's account. Exit code 3 when the login is taken."""
    create("auditor", person(login, name, phone, email), password_file)


@official.command("create")
@click.option("--agency", required=True, help="The agency's code, such as H01 or H55.242.")
@click.option("--login", required=True, help="3 to 40 of a-z 0-9 . _ - with at least one letter.")
@click.option("--name", required=True)
@click.option("--phone", required=True, help="A mobile number: codes go there.")
@click.option("--email")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(ROLES),
    default=ROLES,
    show_default=True,
    help="What they may do for the agency; may be given several times.",
)
@password_file
def create_official(
    agency: str,
    login: str,
    name: str,
    phone: str,
    email: str | None,
    roles: tuple[str, ...],
    password_file: Path | None,
) -> None:
    """Make the account of an agency's official. Exit code 3 when the login is taken."""
    try:
        code = parse_agency_code(agency)
    except Refusal as refusal:
        stop(refusal, EXIT_INVALID)
    create("official", person(login, name, phone, email), password_file, code, roles)


def person(login: str, name: str, phone: str, email: str | None) -> Person:
    if email is not None and "@" not in email:
        raise click.BadParameter("not an e-mail address", param_hint="--email")
    try:
        return Person(parse_staff_login(login), parse_full_name(name), parse_phone(phone), email)
    except Refusal as refusal:
        stop(refusal, EXIT_INVALID)


def create(
    kind: AccountKind,
    person: Person,
    password_file: Path | None,
    agency: str | None = None,
    roles: tuple[str, ...] = (),
) -> None:
    settings = configuration.load("identity")
    passwords = from_environment(settings).passwords
    given = given_password(password_file)
    password = given or new_password()
    units = UnitsOfWork(open_engine(settings.database_url, "identity-console", 1), settings)
    try:
        check_password(password, person.login, passwords.common)
        store(units, passwords, kind, person, password, agency, roles)
    except Conflict:
        click.echo(f"The login {person.login} is taken.", err=True)
        raise SystemExit(EXIT_TAKEN) from None
    except Refusal as refusal:
        stop(refusal, EXIT_INVALID)
    finally:
        units.engine.dispose()
    click.echo(f"{kind} {person.login} can log in" + (f" for {agency}" if agency else ""))
    if not given:
        click.echo(f"Password (shown only now): {password}")


def store(
    units: UnitsOfWork,
    passwords: Passwords,
    kind: AccountKind,
    person: Person,
    password: str,
    agency: str | None,
    roles: tuple[str, ...],
) -> None:
    password_hash = passwords.hash(password)
    with units() as uow:
        # An operator who types the command vouches for the person: no method proved them to the portal.
        made = accounts.open(uow, kind, person, password_hash, assurance="medium", agency=agency, roles=roles)
        audit.record(uow, audit.CONSOLE, "account-opened", made.id, details={"kind": kind})


def given_password(file: Path | None) -> str | None:
    return file.read_text(encoding="utf-8").strip() if file else os.environ.get("MOTCUA_PASSWORD")


def new_password() -> str:
    """Four groups of four letters that are not mistaken for each other: 79 bits."""
    return "-".join("".join(secrets.choice(EASY_LETTERS) for _ in range(4)) for _ in range(4))


def stop(refusal: Refusal, code: int) -> NoReturn:
    click.echo(refusal.detail.en, err=True)
    raise SystemExit(code)
