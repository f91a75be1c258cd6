"""By which methods the holder of an account proved who they are."""

from sqlalchemy import Column, ForeignKey, String, Table, Uuid

from chassis.db import Moment
from services.identity.tables.base import metadata

proofs = Table(
    "proofs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("method", String(24), nullable=False),
    Column("assurance", String(8), nullable=False),
    Column("at", Moment, nullable=False),
)
