"""The stored files that rows name, as a backup asks for them."""

from collections.abc import Generator

from sqlalchemy import Connection, collate, select

from chassis.backup.files import Named
from services.dossier.adapters.storage import path_of
from services.dossier.tables import files

ROWS_AT_ONCE = 1000


def kept_files(connection: Connection) -> Generator[Named, None, None]:
    """By rising name, whatever the server's language; read bit by bit, in a transaction."""
    query = select(files.c.stored_as, files.c.size, files.c.sha256).order_by(collate(files.c.stored_as, "C"))
    with connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        for row in rows:
            yield Named(path_of(row.stored_as), row.size, row.sha256)
