"""`motcua sandbox`, `motcua demo-agency`, `motcua demo-dossiers` and `motcua demo-officials`."""

import sys
from functools import partial
from pathlib import Path

import click

from chassis.installation.secrets import Secrets, typed_password
from chassis.serve import serve
from chassis.settings import env, text
from chassis.up.trial import Setting
from sandbox.app import create_app
from sandbox.applicants import Applicants
from sandbox.authority import Authority
from sandbox.demo_agency.back_office import BackOffice
from sandbox.demo_agency.desk import Desk
from sandbox.demo_agency.portal import Away, Credentials, Portal, Refused
from sandbox.faults import Faults
from sandbox.store import MOST_KEPT, Store
from vocabulary.codes import parse_agency_code


@click.command()
@click.option("--port", default=8001, show_default=True, help="Listens on 127.0.0.1 only.")
@click.option("--bind", help="Instead of --port: an address as gunicorn takes them, such as fd://3.")
@click.option("--data", default=Path("var/sandbox"), show_default=True, type=click.Path(path_type=Path))
def sandbox(port: int, bind: str | None, data: Path) -> None:
    """The outside world for trying and testing: registers, messages, signatures. Never in production."""
    play(bind or f"127.0.0.1:{port}", data, text("SANDBOX_URL", f"http://127.0.0.1:{port}"))


def play(bind: str, data: Path, url: str) -> None:
    """Be the outside world at an address as gunicorn takes them, until SIGTERM.

    `url` is where the portal reaches it: its certificates say so.
    """
    store = Store(data / "sandbox.sqlite", env.int("SANDBOX_MOST_MESSAGES", MOST_KEPT))
    authority = Authority(data / "authority", url)
    serve(create_app(store, Faults.from_environment(), authority, data), bind)


@click.command("demo-officials")
@click.option("--data", default=Path("var/sandbox"), show_default=True, type=click.Path(path_type=Path))
def demo_officials(data: Path) -> None:
    """Make an official of each of two agencies, if they are not there, and print whom one can be.

    Needs the settings of identity. The passwords are kept with the sandbox's data.
    """
    from sandbox.trial import Trial

    kept = Secrets(data / "secrets")
    trial = Trial(Setting("", "", data, partial(kept.get, make=typed_password)))
    trial.prepare()
    click.echo(trial.text())


AWAY = 75
"""EX_TEMPFAIL of sysexits.h: trying again may help."""

portal_url = click.option(
    "--portal", default="http://127.0.0.1:8000", envvar="PUBLIC_URL", show_default=True, show_envvar=True
)
sandbox_url = click.option(
    "--sandbox",
    default="http://127.0.0.1:8001",
    envvar="SMS_GATEWAY_URL",
    show_default=True,
    show_envvar=True,
    help="Where codes are read.",
)
pause = click.option("--pause", default=3.0, show_default=True, help="Seconds before each decision.")


@click.group("demo-agency")
def demo_agency() -> None:
    """An agency that decides every dossier it gets, until Ctrl-C."""


@demo_agency.command()
@click.option("--agency", required=True, help="Its code, such as H01.")
@pause
def amqp(agency: str, pause: float) -> None:
    """Over AMQP, from the agency's own queue. AGENCY_AMQP_URL holds the broker's address and the account."""
    BackOffice(parse_agency_code(agency), text("AGENCY_AMQP_URL"), pause, click.echo).work()


@demo_agency.command()
@portal_url
@sandbox_url
@click.option("--login", required=True, help="The official's; the password is in DEMO_OFFICIAL_PASSWORD.")
@click.option("--phone", required=True, help="Where the official's codes are sent.")
@click.option("--device-file", type=click.Path(path_type=Path), help="Remembers the device between starts.")
@pause
def desk(portal: str, sandbox: str, login: str, phone: str, device_file: Path | None, pause: float) -> None:
    """At the desk API, as an official. A dossier that says “TỪ CHỐI” in an answer is refused."""
    who = Credentials(login, text("DEMO_OFFICIAL_PASSWORD"), phone, device_file)
    Desk(Portal(portal, sandbox, who), pause, click.echo).work()


@click.command("demo-dossiers")
@click.option("--count", default=10, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--agency", required=True, help="Who gets them, such as H01.")
@click.option("--procedure", default="1.004873", show_default=True)
@click.option("--people", default=1, show_default=True, type=click.IntRange(1, 100), help="Who send them.")
@portal_url
@sandbox_url
def demo_dossiers(count: int, agency: str, procedure: str, people: int, portal: str, sandbox: str) -> None:
    """Have test people send complete dossiers to an agency; prints their codes.

    Exit codes: 0 all were sent; 1 the portal refused; 75 it is away (what was sent is printed).
    """
    applicants = Applicants(portal, sandbox, procedure, parse_agency_code(agency))
    bar = click.progressbar(
        applicants.send(count, people),
        length=count,
        label="dossiers",
        file=sys.stderr,
        hidden=sys.stdout.isatty(),  # there the codes themselves show how far it is
    )
    try:
        with bar as codes:
            for code in codes:
                click.echo(code)
    except Refused as refused:
        click.echo(str(refused), err=True)
        raise SystemExit(AWAY if isinstance(refused, Away) else 1) from refused
