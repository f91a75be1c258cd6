"""Is a backup whole? Told without any database."""

from collections.abc import Iterator
from pathlib import Path

from chassis.backup import files, programs
from chassis.backup.files import Advance, Damaged
from chassis.backup.manifest import Database, Kept, Manifest, Part


def faults(folder: Path, manifest: Manifest, advance: Advance) -> Iterator[str]:
    """What is wrong, in words. `advance` hears of each byte read."""
    for service, database in manifest.services.items():
        wrong = _part(folder, database.dump, advance) or _dump(folder, database)
        if wrong:
            yield f"{service}: {wrong}"
        if database.files and (wrong := _files(folder, database.files, advance)):
            yield f"{service}: {wrong}"


def _part(folder: Path, part: Part, advance: Advance) -> str | None:
    path = folder / part.file
    if not path.is_file():
        return f"{part.file} is missing"
    if path.stat().st_size != part.size or files.sha256_of(path, advance) != part.sha256:
        return f"{part.file} is not as it was written"
    return None


def _dump(folder: Path, database: Database) -> str | None:
    try:
        programs.list_contents(programs.find("pg_restore", database.server), folder / database.dump.file)
    except programs.Failed as error:
        return str(error)
    return None


def _files(folder: Path, kept: Kept, advance: Advance) -> str | None:
    """By content: every file that a row of the dump names is there, and is what the row says."""
    if wrong := _part(folder, kept.part, advance):
        return wrong
    try:
        found = files.tally(files.contents(folder / kept.part.file, advance))
    except Damaged as error:
        return str(error)
    return differs(found, kept)


def differs(found: files.Tally, kept: Kept) -> str | None:
    if found.digest != kept.digest:
        return f"{found.count} files are not the {kept.count} that rows name"
    return None


def size(manifest: Manifest) -> int:
    """Bytes that `faults` reads."""
    tars = [database.files.bytes for database in manifest.services.values() if database.files]
    return sum(part.size for part in manifest.parts()) + sum(tars)
