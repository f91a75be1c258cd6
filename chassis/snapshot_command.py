"""`motcua events snapshot`: for a subscriber that needs what is older than the log."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError

from chassis import service as services
from chassis import settings as configuration
from chassis import snapshots
from chassis.db import open_engine
from chassis.exits import AWAY, USAGE, stop
from chassis.service import Service
from chassis.snapshots import Step
from chassis.unit_of_work import UnitsOfWork

SERVICE = click.Choice([name for name in services.names() if services.load(name).snapshots])


@click.command(short_help="Publish the present state once more.")
@click.argument("name", type=SERVICE, metavar="SERVICE")
@click.option("--only", default="", metavar="PREFIX", help="Subjects that begin so, such as `H01-`.")
@click.option("--after", default="", metavar="PLACE", help="Go on where a run that broke off says it was.")
@click.option("--rate", type=click.IntRange(min=1), default=500, show_default=True, help="At most, a second.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def snapshot(name: str, only: str, after: str, rate: int, output: str) -> None:
    """Publish the present state of everything that SERVICE announces once more.

    Subscribers keep what they lack; who has it already changes nothing. Safe to repeat and to break off.
    The --rate should be below what the slowest subscriber handles: other events wait behind snapshots.
    Exit codes: 0 all is recorded, and its relay sends it; 1 broken off; 2 wrong use; 75 the database is
    away or something stayed locked: go on with --after.
    """
    service = services.load(name)
    done = Step(0, 0, after)
    try:
        with (
            _units(name) as units,
            click.progressbar(length=_count(units, service), label=name, file=sys.stderr) as bar,
        ):
            for step in _paced(snapshots.walk(units, service.snapshots, after, only), rate):
                done = Step(done.seen + step.seen, done.recorded + step.recorded, step.place)
                bar.update(step.seen)
    except ValueError as error:
        raise stop(str(error), USAGE) from error
    except SQLAlchemyError as error:
        raise stop(f"{_broken_off(name, done)} ({type(error).__name__})", AWAY) from error
    except KeyboardInterrupt:
        click.echo(_broken_off(name, done), err=True)
        raise
    _tell(name, done, output)


def _paced(steps: Iterator[Step], rate: int) -> Iterator[Step]:
    begun, recorded = time.monotonic(), 0
    for step in steps:
        yield step
        recorded += step.recorded
        time.sleep(max(0.0, begun + recorded / rate - time.monotonic()))


@contextmanager
def _units(name: str) -> Iterator[UnitsOfWork]:
    """The relay is not woken: its poll finds the events within a second."""
    settings = configuration.load(name)
    engine = open_engine(settings.database_url, f"{name}-snapshot", pool_size=1)
    try:
        yield UnitsOfWork(engine, settings)
    finally:
        engine.dispose()


def _count(units: UnitsOfWork, service: Service) -> int:
    with units() as uow:
        return sum(kind.count(uow) for kind in service.snapshots)


def _broken_off(name: str, done: Step) -> str:
    place = f" --after {done.place}" if done.place else ""
    return f"Broken off after {done.recorded} snapshots. Go on: motcua events snapshot {name}{place}"


def _tell(name: str, done: Step, output: str) -> None:
    if output == "json":
        click.echo(json.dumps({"service": name, "seen": done.seen, "recorded": done.recorded}))
    else:
        click.echo(f"{name}: {done.recorded} snapshots recorded, of {done.seen} aggregates")
