"""Agencies, procedures and their published versions, the calendar's exceptions.

Rows are written whole from frozen values and never loaded to be changed, so there is nothing to map.
"""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Integer, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.db import Moment, new_metadata

metadata = new_metadata()

agencies = Table(
    "agencies",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("level", String(20), nullable=False),
)

# One row per procedure: what lists show and search reads, of the newest version.
# Folded words have a space before each (model/search.py); "C" makes their order the same everywhere.
procedures = Table(
    "procedures",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("audience", ARRAY(String(20)), nullable=False),
    Column("events", ARRAY(String(60)), nullable=False),
    Column("agency_level", String(20), nullable=False),
    Column("service_level", String(20), nullable=False),
    Column("sort_words", Text(collation="C"), nullable=False),
    Column("name_words", Text(collation="C"), nullable=False),
    Column("all_words", Text(collation="C"), nullable=False),
)

# A published version never changes: the first migration adds a trigger that refuses it.
procedure_versions = Table(
    "procedure_versions",
    metadata,
    Column("code", ForeignKey("procedures.code"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("published_at", Moment, nullable=False),
    CheckConstraint("version >= 1", name="version_from_one"),
)

calendar_exceptions = Table(
    "calendar_exceptions",
    metadata,
    Column("day", Date, primary_key=True),
    Column("worked", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
)

# What the product's own catalogue last said, so that seeding again leaves an operator's word alone.
seeded = Table(
    "seeded",
    metadata,
    Column("subject", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
)
