"""What was done how often. The key holds a keyed hash of whom it counts for, or nobody: the installation."""

from sqlalchemy import Column, Integer, String, Table

from chassis.db import Moment
from services.identity.tables.base import metadata

limits = Table(
    "limits",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("ends_at", Moment, nullable=False, index=True),
)
