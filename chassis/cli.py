"""`motcua`: every role of every service, and what each service adds for its operators."""

from importlib.metadata import entry_points

import click

from chassis import logs, migrate, serve, worker
from chassis import service as services
from chassis import settings as configuration
from chassis.app import create_api
from chassis.audit.commands import audit
from chassis.backup.commands import backup, restore
from chassis.broker.commands import bus
from chassis.doctor.commands import doctor
from chassis.events.commands import events
from chassis.exits import Commands
from chassis.installation.commands import make_databases, make_secrets

SERVICE = click.Choice(services.names())


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="motcua")
def main() -> None:
    """One door to public services."""


@main.command()
@click.argument("name", type=SERVICE, metavar="SERVICE")
@click.option("--bind", default="127.0.0.1:8010", show_default=True, help="Address and port.")
def api(name: str, bind: str) -> None:
    """Answer a service's HTTP calls (gunicorn)."""
    logs.configure(f"{name}-api")
    service, settings = services.load(name), configuration.load(name)
    units = worker.open_units(service, settings, "api")
    serve.serve(create_api(service, settings, units), bind)


@main.command("worker")
@click.argument("name", type=SERVICE, metavar="SERVICE")
def work(name: str) -> None:
    """Relay, consume and keep the times of a service (needs AMQP_URL)."""
    logs.configure(f"{name}-worker")
    worker.run_on_broker(services.load(name), configuration.load(name))


@main.command("migrate")
@click.argument("names", type=SERVICE, metavar="SERVICE...", nargs=-1, required=True)
@click.option("--make", "message", metavar="MESSAGE", help="Write a new migration instead (developers).")
@click.option("--seed/--no-seed", default=False, help="Also put in what a new installation starts with.")
def migrate_database(names: tuple[str, ...], message: str | None, seed: bool) -> None:
    """Bring the databases of services to the newest version."""
    for name in names:
        settings = configuration.load(name)
        if message:
            migrate.make(name, settings.database_url, message)
            continue
        migrate.upgrade(name, settings.database_url)
        if seed:
            worker.seed(services.load(name), settings)
        click.echo(f"{name}: the database is up to date")


def _add_commands() -> None:
    main.add_command(audit)
    main.add_command(backup)
    main.add_command(restore)
    main.add_command(bus)
    main.add_command(events)
    main.add_command(make_secrets)
    main.add_command(make_databases)
    main.add_command(doctor)
    for name in services.names():
        service = services.load(name)
        for command in service.commands:
            main.add_command(command)
        for command in service.event_commands:
            events.add_command(command)
    for found in entry_points(group="motcua.commands"):
        main.add_command(found.load())


_add_commands()
