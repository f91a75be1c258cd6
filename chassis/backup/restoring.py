"""A backup is put back: each database in one transaction, the files; last the marks are taken away.

Cut off anywhere, it is run again: what was read in stays, and until all is there a mark in each database
keeps others from serving from it.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from chassis import epoch, migrate
from chassis.backup import facts, files, fitting, hold, mark, programs, verifying
from chassis.backup.making import Heard
from chassis.backup.manifest import Database, Kept, Manifest
from chassis.backup.places import Place, server_version
from chassis.exits import REFUSED, stop

Opened = Mapping[str, Connection]


class Differs(Exception):
    """What was put back is not what the manifest says."""


def restore(folder: Path, manifest: Manifest, places: Sequence[Place], heard: Heard) -> None:
    """Into the databases of all `places`, which hold nothing, and their folders of files."""
    with ExitStack() as stack:
        opened = {
            place.service: stack.enter_context(place.connect(isolation_level="AUTOCOMMIT"))
            for place in places
        }
        _check(manifest, places, opened)
        if not _is_done(manifest, opened):
            _begin(manifest, opened)
            for place in places:
                heard.step(place.service)
                _put_back(folder, place, opened[place.service], manifest.services[place.service], heard)
            for place in places:
                _make_ready(place, opened[place.service])
            for connection in opened.values():
                mark.move(connection, mark.DONE)
        for connection in opened.values():
            if mark.of(connection):
                mark.remove(connection)


def _check(manifest: Manifest, places: Sequence[Place], opened: Opened) -> None:
    for service, connection in opened.items():
        if not hold.take(connection):
            raise stop(f"Another backup or restore of {service} is under way.", REFUSED)
    if _is_done(manifest, opened):
        return
    faults = [
        fault
        for place in places
        for fault in fitting.of_database(
            place.service, opened[place.service], manifest.services[place.service], manifest
        )
    ]
    for connection in opened.values():
        programs.find_for("pg_restore", server_version(connection))
    folders = [place.manifest.files.folder() for place in places if place.manifest.files]
    faults += [fault for folder in folders if (fault := fitting.of_folder(folder))]
    if faults:
        raise stop("Nothing was changed:\n  " + "\n  ".join(faults), REFUSED)


def _is_done(manifest: Manifest, opened: Opened) -> bool:
    """Cut off while the last marks were taken away, and no database was made anew since."""
    done = mark.Mark(manifest.id, mark.DONE)
    marks = [found for connection in opened.values() if (found := mark.of(connection))]
    are_there = all(facts.tables(connection) for connection in opened.values())
    is_begun = any(found.backup != manifest.id or found.state == mark.BEGUN for found in marks)
    return done in marks and are_there and not is_begun


def _begin(manifest: Manifest, opened: Opened) -> None:
    """All of them marked before the first is filled; none is done while another is not."""
    for connection in opened.values():
        found = mark.of(connection)
        if found and found.state == mark.DONE:
            mark.move(connection, mark.READ_IN)
    for connection in opened.values():
        if mark.of(connection) is None:
            mark.begin(connection, manifest.id)
    came = [fault for name, connection in opened.items() for fault in fitting.of_sessions(name, connection)]
    if came:
        raise stop("Nothing was put back yet:\n  " + "\n  ".join(came), REFUSED)


def _put_back(folder: Path, place: Place, connection: Connection, database: Database, heard: Heard) -> None:
    marked = mark.of(connection)
    if marked and marked.state == mark.BEGUN:
        if not facts.tables(connection):
            program = programs.find_for("pg_restore", server_version(connection))
            options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
            programs.run(program, place.url, *options, str(folder / database.dump.file))
        _compare(place.service, connection, database)
        mark.move(connection, mark.READ_IN)
    if database.files and place.manifest.files:
        _put_back_files(folder, place, database.files, heard)


def _compare(service: str, connection: Connection, database: Database) -> None:
    found = facts.rows(connection)
    wrong = [name for name in {**found, **database.rows} if found.get(name) != database.rows.get(name)]
    if wrong:
        counted = ", ".join(f"{n}: {found.get(n)} of {database.rows.get(n)} rows" for n in sorted(wrong))
        raise Differs(f"{service}: {counted}. Drop the database, make it anew and run this again.")


def _put_back_files(folder: Path, place: Place, kept: Kept, heard: Heard) -> None:
    """By content: what was written is what the rows in the database now name."""
    named = place.manifest.files
    assert named is not None
    into = named.folder()
    written = files.tally(files.unpack(folder / kept.part.file, into, heard.advance))
    for path in {into, *into.iterdir()}:
        if path.is_dir():
            files.sync(path)
    with place.connect() as reader:
        rows = files.tally(named.named(reader))
    wrong = verifying.differs(written, kept) or verifying.differs(rows, kept)
    if wrong:
        raise Differs(f"{place.service}: {wrong}")


def _make_ready(place: Place, connection: Connection) -> None:
    """The newest tables; and a new epoch, so that its worker asks for what it may lack and no cursor into
    a log that is gone is taken."""
    migrate.apply(place.service, place.url)
    with Session(connection) as session:
        epoch.begin(session)
        session.flush()
