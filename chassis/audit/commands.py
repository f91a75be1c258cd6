"""`motcua audit`: is the log whole, and what does it say?"""

from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from io import TextIOWrapper
from uuid import UUID

import click
from sqlalchemy import Connection

from chassis.audit import anchoring, showing, verifying
from chassis.audit.showing import Shown
from chassis.audit.verifying import Anchor, Verified
from chassis.events.places import Place, reachable
from chassis.events.printing import SERVICE, as_json, bad, good, head, output_option, progress, table
from chassis.exits import REFUSED
from chassis.settings import text

MOST_SHOWN = 50


@click.group("audit")
def audit() -> None:
    """The audit log: verify it, look into it, keep its heads.

    Speaks to the databases whose <SERVICE>_DATABASE_URL is set. Exit codes: 0 all is well, 1 the log was
    tampered with, 2 wrong use or missing settings, 75 a database is away (try again).
    """


@audit.command(short_help="Find what was changed, removed, put in or cut off.")
@click.argument("names", type=SERVICE, metavar="[SERVICE]...", nargs=-1)
@click.option(
    "--heads",
    "files",
    type=click.File(encoding="utf-8", errors="replace"),
    multiple=True,
    help="A log of the workers, or what `motcua audit heads` printed; `-` is standard input.",
)
@output_option
def verify(names: tuple[str, ...], files: tuple[TextIOWrapper, ...], output: str) -> None:
    """Read the log through, and say where something was changed, removed, put in, moved or cut off.

    Needs <SERVICE>_INDEX_KEY. That the newest entries were cut off, or an older log put back, only those
    can tell who were told its heads: give the workers' logs with --heads.
    """
    anchors = [anchor for file in files for anchor in anchoring.read(file)]
    found: dict[str, Verified] = {}
    with _places(names) as places, progress("verifying", len(places)) as bar:
        for place in places:
            found[place.service] = _verify(place, anchors)
            bar.update(1)
    if output == "json":
        as_json({"services": {name: asdict(each) for name, each in found.items()}, "anchors": len(anchors)})
    else:
        _tell(found, anchors)
    if any(each.faults for each in found.values()):
        raise SystemExit(REFUSED)


@audit.command(short_help="What was done, the newest last.")
@click.argument("names", type=SERVICE, metavar="[SERVICE]...", nargs=-1)
@click.option("--whose", type=click.UUID, help="About the data of this account.")
@click.option("--by", type=click.UUID, help="Done by this account.")
@click.option("--about", help="About this object: an id or a code.")
@click.option("--deed", help="Deeds that begin so, such as `look-`.")
@click.option("--after", type=click.DateTime(), help="Not before this time (UTC).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=MOST_SHOWN, show_default=True)
@output_option
def show(
    names: tuple[str, ...],
    whose: UUID | None,
    by: UUID | None,
    about: str | None,
    deed: str | None,
    after: datetime | None,
    limit: int,
    output: str,
) -> None:
    """Show who did what to whose data. Unverified: see `motcua audit verify`."""
    wanted = showing.Wanted(whose, by, about, deed, after)
    with _places(names) as places:
        shown = [one for place in places for one in _entries(place, wanted, limit)]
    newest = sorted(shown, key=lambda one: one.at)[-limit:]
    if output == "json":
        as_json({"entries": newest})
    else:
        table([_cells(one) for one in newest])


@audit.command(short_help="Print where the log stands now, to be kept elsewhere.")
@click.argument("names", type=SERVICE, metavar="[SERVICE]...", nargs=-1)
def heads(names: tuple[str, ...]) -> None:
    """Print a line for each service, as its workers log it once a minute: keep it where nobody who can
    write to the databases can change it, and give it to `motcua audit verify --heads` later."""
    with _places(names) as places:
        for place in places:
            with place.connect() as connection:
                click.echo(anchoring.line_of(place.service, verifying.heads(connection)))


@contextmanager
def _places(names: Sequence[str]) -> Iterator[Sequence[Place]]:
    with reachable(names[0] if len(names) == 1 else None) as places:
        yield [place for place in places if not names or place.service in names]


def _verify(place: Place, anchors: Sequence[Anchor]) -> Verified:
    index = b64decode(text(f"{place.service.upper()}_INDEX_KEY"))
    with place.connect() as connection, _one_moment(connection):
        return verifying.verify(connection, place.service, index, anchors)


@contextmanager
def _one_moment(connection: Connection) -> Iterator[None]:
    """What is added meanwhile is not seen, and no reading of the log is broken off for its length."""
    connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with connection.begin():
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield


def _entries(place: Place, wanted: showing.Wanted, limit: int) -> Sequence[Shown]:
    with place.connect() as connection:
        return showing.newest(connection, place.service, wanted, limit)


def _tell(found: dict[str, Verified], anchors: Sequence[Anchor]) -> None:
    for name, each in found.items():
        told = sum(anchor.service == name for anchor in anchors)
        if not each.faults:
            compared = f"compared with {told} heads told" if told else "no heads to compare with"
            click.echo(f"{head(name)} {good('whole')}, entries: {each.entries}, {compared}")
        for fault in each.faults:
            where = f"chain {fault.chain}, entry {fault.position}"
            click.echo(f"{head(name)} {bad(fault.what)}: {where}: {fault.words}")


def _cells(one: Shown) -> list[str]:
    who = " ".join(word for word in (one.kind, one.actor, one.agency) if word)
    acted_for = f"for {one.acted_for}" if one.acted_for else ""
    whose = f"of {one.whose}" if one.whose else ""
    said = "" if one.details == "{}" else one.details
    at = one.at.isoformat(timespec="seconds")
    return [at, one.service, who, acted_for, one.deed, whose, one.about, said, one.request]
