"""May this backup be put into these databases, with this program and these keys? Nothing is done here."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, text

from chassis import migrate, settings
from chassis.backup import facts, keys, mark
from chassis.backup.manifest import Database, Manifest
from chassis.backup.places import Place, server_version
from chassis.settings import KeyRing

_OTHERS = text(
    "SELECT coalesce(nullif(application_name, ''), 'unnamed') AS name, count(*) AS number"
    " FROM pg_stat_activity WHERE datname = current_database() AND usesysid IS NOT NULL"
    " AND application_name IS DISTINCT FROM 'motcua-backup' GROUP BY 1 ORDER BY 1"
)


def of_program(manifest: Manifest, places: Sequence[Place]) -> Iterator[str]:
    """What the backup has that this program does not know, and what the keys at hand do not open."""
    known = {place.service for place in places}
    yield from (f"{name}: there is no such service here" for name in manifest.services.keys() - known)
    yield from (f"{name}: the backup has no such service" for name in known - manifest.services.keys())
    seals = settings.seals(settings.text("SEAL_KEYS"))
    for service in sorted(known & manifest.services.keys()):
        database = manifest.services[service]
        if database.revision not in {"", *migrate.revisions(service)}:  # "": never migrated
            told = f"the backup was made by motcua {manifest.version}, which is newer than this program"
            yield f"{service}: its database is at {database.revision!r}: {told}"
        master = KeyRing.parse(settings.text(f"{service.upper()}_MASTER_KEYS"))
        yield from keys.lacking(service, database.keys, master, seals)


def of_database(
    service: str, connection: Connection, database: Database, manifest: Manifest
) -> Iterator[str]:
    """What stands in the way in the database itself."""
    server = server_version(connection)
    if server < database.server:
        yield f"{service}: its server is PostgreSQL {server}, older than the {database.server} of the backup"
    yield from of_sessions(service, connection)
    marked = mark.of(connection)
    if marked is None and facts.tables(connection):
        yield f"{service}: its database holds tables; a restore empties none. Drop it and make it anew"
    if marked and marked.backup != manifest.id:
        begun = f"the restore of another backup, {marked.backup}, was begun in it"
        yield f"{service}: {begun}. Run that again, or drop the database and make it anew"


def of_sessions(service: str, connection: Connection) -> Iterator[str]:
    """Who is connected. Asked again once the mark is there: who comes later is refused by it."""
    for name, number in connection.execute(_OTHERS):
        yield f"{service}: {number} sessions of {name} are connected: end its api and worker first"


def of_folder(folder: Path) -> str | None:
    """Why files cannot be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".being-restored"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror}"
    return None
