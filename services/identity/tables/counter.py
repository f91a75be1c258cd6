"""Registrations that are taken to a post office, and what its clerks did."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Uuid

from chassis.db import Moment
from services.identity.tables.base import metadata

counter_visits = Table(
    "counter_visits",
    metadata,
    Column("registration", ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True),
    Column("code_index", LargeBinary, nullable=False, unique=True),
    Column("code", LargeBinary, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("refused_because", String(40)),
)

# Never swept: who looked at whose data. A registration's id leads nowhere once it is over.
counter_deeds = Table(
    "counter_deeds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clerk", Uuid, nullable=False),
    Column("office", String(40), nullable=False),
    Column("deed", String(16), nullable=False),
    Column("registration", Uuid, index=True),
    Column("reason", String(40)),
    Column("at", Moment, nullable=False),
    Index("ix_counter_deeds_clerk_at", "clerk", "at"),
)
