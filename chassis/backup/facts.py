"""What a database holds, in figures: taken at the point, compared when it is put back."""

from sqlalchemy import Connection, func, select, text

from chassis.tables import outbox

MARK = "being_restored"
"""A table of that name: see `mark`. It is of no service."""

_TABLES = text(
    "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
    " WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition"
    " AND relname <> :mark ORDER BY relname"
)


def tables(connection: Connection) -> list[str]:
    """Those of the service, each partitioned one once."""
    return list(connection.execute(_TABLES, {"mark": MARK}).scalars())


def rows(connection: Connection) -> dict[str, int]:
    """How many each table has. It reads them all, as a dump does."""
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: connection.execute(text(f"SELECT count(*) FROM {quote(name)}")).scalar_one()  # noqa: S608
        for name in tables(connection)
    }


def revision(connection: Connection) -> str:
    """Of the last migration; empty before the first."""
    if "alembic_version" not in tables(connection):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def log_position(connection: Connection) -> int:
    return connection.execute(select(func.max(outbox.c.log_position))).scalar_one() or 0


def unsent(connection: Connection) -> int:
    waiting = select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))
    return connection.execute(waiting).scalar_one()
