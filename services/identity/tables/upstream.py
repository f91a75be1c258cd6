"""On the way in by a provider above us."""

from sqlalchemy import Column, Table, Uuid

from chassis.db import Moment
from services.identity.tables.base import metadata

upstream_logins = Table(
    "upstream_logins",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("expires_at", Moment, nullable=False, index=True),
)
