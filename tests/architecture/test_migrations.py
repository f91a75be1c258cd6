"""A database that was migrated is the one that tables.py describes, to the last constraint."""

import psycopg
import pytest
from sqlalchemy import create_engine, make_url

from chassis import migrate, tables
from chassis import service as services
from chassis.testing import fresh_database

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           a.attcollation, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND a.attnum > 0 AND NOT attisdropped
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


def described(url: str) -> set[tuple[object, ...]]:
    """Columns, constraints and indexes of a database; Alembic's own table left out."""
    with psycopg.connect(url) as connection:
        found = {row for query in (COLUMNS, CONSTRAINTS, INDEXES) for row in connection.execute(query)}
    return {row for row in found if row[0] != "alembic_version"}


@pytest.mark.parametrize("name", services.names())
def test_migrations_lead_to_what_tables_py_says(name: str, postgres_url: str) -> None:
    migrated = fresh_database(postgres_url, f"migrated_{name}")
    migrate.upgrade(name, migrated)
    written = fresh_database(postgres_url, f"written_{name}")
    engine = create_engine(make_url(written).set(drivername="postgresql+psycopg"))
    for metadata in (tables.metadata, services.load(name).metadata):
        metadata.create_all(engine)
    engine.dispose()

    differences = described(migrated) ^ described(written)
    assert not differences, sorted(map(str, differences))
