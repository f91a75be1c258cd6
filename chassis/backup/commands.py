"""`motcua backup` and `motcua restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError, OperationalError

from chassis.backup import fitting, making, manifest, places, restoring, verifying
from chassis.backup.files import Damaged
from chassis.backup.making import Heard
from chassis.backup.manifest import Manifest, Unreadable
from chassis.backup.programs import Failed, NoProgram
from chassis.backup.restoring import Differs
from chassis.events.printing import as_json, good, head, output_option, progress
from chassis.exits import REFUSED, USAGE, stop

FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
KEYS = (
    "Keep the keys as well, elsewhere (in containers: deploy/secrets). They are not in it, and without them"
    " nothing personal in it can be read."
)


class _WithoutWord(click.Group):
    """`backup FOLDER` is `backup make FOLDER`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_WithoutWord, short_help="Save all databases and files at one point.")
def backup() -> None:
    """Save all databases and files at one point, while everything runs: `motcua backup FOLDER`.

    Needs each <SERVICE>_DATABASE_URL, FILES_DIR, and pg_dump of the server's version or newer; no key, and no
    superuser.
    """


@backup.command(short_help="Write a backup (the word `make` may be left out).")
@FOLDER
@output_option
def make(folder: Path, output: str) -> None:
    """Write a backup of everything into FOLDER, which must not be there yet.

    While the point is taken, requests that change something wait, some milliseconds; none fails. FOLDER has
    its name only once all is written: FOLDER.partial is not a backup.
    """
    wanted = places.all_of_them()
    with _in_words(), progress("saving", len(wanted)) as bar:
        made = making.make(folder, wanted, _heard(bar))
    if output == "json":
        as_json(making.as_told(folder, made))
        return
    _tell(made)
    click.echo(f"{good('whole')} {folder}\n{KEYS}")


@backup.command(short_help="Is a backup whole?")
@FOLDER
@output_option
def verify(folder: Path, output: str) -> None:
    """Read the backup in FOLDER: every checksum, every dump's contents, and every file that a row names.

    Exit code 1 when something is wrong. Only a restore into another installation proves more.
    """
    with _in_words():
        found = manifest.read(folder)
        with progress("reading", verifying.size(found)) as bar:
            wrong = list(verifying.faults(folder, found, bar.update))
    if output == "json":
        as_json({"backup": str(folder), "id": found.id, "point": found.point, "faults": wrong})
    elif not wrong:
        _tell(found)
        click.echo(f"{good('whole')} {folder}")
    if wrong:
        raise stop(f"{folder} is damaged:\n  " + "\n  ".join(wrong), REFUSED)


@click.command(short_help="Put all databases and files back from a backup.")
@FOLDER
@output_option
def restore(folder: Path, output: str) -> None:
    """Put the backup in FOLDER into databases that hold nothing, and into FILES_DIR.

    Needs each <SERVICE>_DATABASE_URL and <SERVICE>_MASTER_KEYS, SEAL_KEYS, FILES_DIR, and pg_restore. End
    api and worker of every service first. Until it is done they refuse to start; cut off, run it again.
    """
    wanted = places.all_of_them()
    with _in_words():
        found = manifest.read(folder)
        _check(folder, found, wanted)
        with progress("putting back", len(wanted)) as bar:
            restoring.restore(folder, found, wanted, _heard(bar))
    if output == "json":
        as_json(
            {"backup": str(folder), "id": found.id, "point": found.point, "restored": sorted(found.services)}
        )
        return
    _tell(found)
    click.echo(f"{good('put back')}: all as it was then. Start each service's api and worker.")


def _check(folder: Path, found: Manifest, wanted: Any) -> None:
    if unfit := list(fitting.of_program(found, wanted)):
        raise stop("Nothing was changed:\n  " + "\n  ".join(unfit), REFUSED)
    with progress("reading", verifying.size(found)) as bar:
        wrong = list(verifying.faults(folder, found, bar.update))
    if wrong:
        raise stop(f"Nothing was changed: {folder} is damaged:\n  " + "\n  ".join(wrong), REFUSED)


def _heard(bar: Any) -> Heard:
    def step(service: str) -> None:
        bar.label = service
        bar.update(1)

    return Heard(step, lambda _: bar.render_progress())


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (Unreadable, Damaged, Differs) as error:
        raise stop(str(error), REFUSED) from error
    except NoProgram as error:
        raise stop(str(error), USAGE) from error
    except Failed as error:
        _raise_if_away()
        raise stop(str(error), REFUSED) from error
    except OperationalError:
        raise  # away: said by `Commands`
    except DBAPIError as error:
        raise stop(f"A database refused: {str(error.orig).strip()}", REFUSED) from error
    except OSError as error:
        raise stop(f"{error.filename or 'The folder'}: {error.strerror}.", REFUSED) from error


def _raise_if_away() -> None:
    """A program of PostgreSQL does not say by its exit code that the database is gone; this does."""
    for place in places.all_of_them():
        with place.connect():
            pass


def _tell(found: Manifest) -> None:
    at = found.point.astimezone()
    click.echo(f"the point: {at:%Y-%m-%d %H:%M:%S%z}; writers waited {found.held_ms:g} ms for it")
    for name, database in found.services.items():
        rows = f"{sum(database.rows.values())} rows, {database.unsent} events unsent"
        of_files = (
            f", {database.files.count} files ({_megabytes(database.files.bytes)})" if database.files else ""
        )
        click.echo(f"  {head(name)}: {_megabytes(database.dump.size)}, {rows}{of_files}")


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
