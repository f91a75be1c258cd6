"""`motcua catalog`: what an operator does with the catalogue on the command line."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from chassis import settings as configuration
from chassis.db import open_engine
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from services.catalog.adapters import files
from services.catalog.commands import publishing
from services.catalog.commands.publishing import Published
from vocabulary.refusals import Refusal

FILE = click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)


@click.group()
def catalog() -> None:
    """What people can ask for."""


@catalog.command()
@click.argument("file", type=FILE)
@click.option("--check", is_flag=True, help="Only say whether the file is right.")
def publish(file: Path, check: bool) -> None:
    """Publish one TOML FILE: a procedure, agencies, or a year's calendar.

    A changed procedure becomes a new version. Exit codes: 0 published, or nothing had changed;
    1 the file is faulty or names an agency that is not published; 2 wrong use.
    """
    try:
        items = files.read_any(file)
        if check:
            click.echo(f"{file.name}: right, nothing published")
            return
        with _unit_of_work() as uow:
            published = publishing.publish(uow, items)
    except files.FaultyFile as fault:
        raise click.ClickException(str(fault)) from fault
    except Refusal as refusal:
        raise click.ClickException(f"{file.name}: {refusal.detail.en}") from refusal
    _tell(published)


@catalog.command()
def seed() -> None:
    """Publish what is new or changed in the product's own catalogue."""
    with _unit_of_work() as uow:
        published = publishing.publish_own(uow)
    _tell(published)
    if not published:
        click.echo("nothing new")


@contextmanager
def _unit_of_work() -> Iterator[UnitOfWork]:
    """The relay is not woken: its poll finds the events within seconds."""
    settings = configuration.load("catalog")
    engine = open_engine(settings.database_url, "catalog-console", pool_size=1)
    try:
        with UnitsOfWork(engine, settings)() as uow:
            yield uow
    finally:
        engine.dispose()


def _tell(published: Iterable[Published]) -> None:
    for one in published:
        click.echo(f"{one.what}: {'published' if one.changed else 'unchanged'}")
