"""A backup is made: the point, then dumps and files of it, in a folder that has its name only once whole."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from chassis.backup import facts, files, keys, manifest, point, programs
from chassis.backup.files import Advance, Files
from chassis.backup.manifest import Database, Kept, Manifest, Part
from chassis.backup.places import Place, server_version
from chassis.backup.point import Point, Snapshot
from chassis.db import new_id
from chassis.exits import REFUSED, stop

Say = Callable[[str], None]


@dataclass(frozen=True)
class Heard:
    """Who wants to know how it goes: the name of a step, and bytes of files done in it."""

    step: Say
    advance: Advance


def make(into: Path, places: Sequence[Place], heard: Heard) -> Manifest:
    """Everything of all `places` at one point. `into` must not be there.

    On any failure nothing stays. What a killed one left, `<into>.partial`, the next one removes.
    """
    if into.exists():
        raise stop(f"{into} is there already: a backup is never written over.", REFUSED)
    partial = into.with_name(f"{into.name}.partial")
    with point.taken(places) as taken:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        try:
            made = _fill(partial, places, taken, heard)
            _finish(partial, into)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return made


def _fill(folder: Path, places: Sequence[Place], taken: Point, heard: Heard) -> Manifest:
    databases = {}
    for place in places:
        heard.step(place.service)
        databases[place.service] = _database(folder, place, taken.snapshots[place.service], heard)
    made = Manifest(
        format=manifest.FORMAT,
        id=new_id(),
        version=version("motcua"),
        point=taken.at,
        held_ms=round(taken.held * 1000, 1),
        services=databases,
    )
    manifest.write(folder, made)
    (folder / manifest.NAME).chmod(0o600)
    return made


def _database(folder: Path, place: Place, snapshot: Snapshot, heard: Heard) -> Database:
    connection, named = snapshot.connection, place.manifest.files
    server = server_version(connection)
    dump = folder / f"{place.service}.dump"
    program = programs.find_for("pg_dump", server)
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot.id}")
    programs.run(program, place.url, *options, f"--file={dump}")
    return Database(
        dump=_part(dump),
        server=server,
        revision=facts.revision(connection),
        rows=facts.rows(connection),
        log_position=facts.log_position(connection),
        unsent=facts.unsent(connection),
        keys=keys.used(connection),
        files=_files(folder / f"{place.service}.files.tar", named, snapshot, heard) if named else None,
    )


def _files(tar: Path, of: Files, snapshot: Snapshot, heard: Heard) -> Kept:
    with closing(of.named(snapshot.connection)) as named:
        tally = files.pack(tar, of.folder(), named, heard.advance)
    return Kept(_part(tar), tally.count, tally.bytes, tally.digest)


def _part(path: Path) -> Part:
    path.chmod(0o600)
    files.sync(path)
    return Part(path.name, path.stat().st_size, files.sha256_of(path))


def _finish(partial: Path, into: Path) -> None:
    files.sync(partial / manifest.NAME)
    files.sync(partial)
    partial.rename(into)
    files.sync(into.parent)


def as_told(into: Path, made: Manifest) -> dict[str, object]:
    """For scripts: what was made, without samples of keys."""
    return {
        "backup": str(into),
        "id": made.id,
        "version": made.version,
        "point": made.point,
        "held_ms": made.held_ms,
        "services": {
            name: {
                "revision": database.revision,
                "dump": msgspec.to_builtins(database.dump),
                "rows": sum(database.rows.values()),
                "log_position": database.log_position,
                "unsent": database.unsent,
                "files": database.files and database.files.count,
                "bytes_of_files": database.files and database.files.bytes,
            }
            for name, database in made.services.items()
        },
    }
