"""What tokens are signed with."""

from sqlalchemy import Column, String, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import Moment
from services.identity.tables.base import metadata

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("public", JSONB, nullable=False),
    Column("master_kid", String(40), nullable=False),
    Column("box", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("signs_from", Moment, nullable=False),
    Column("ends_at", Moment, index=True),
)
