"""Who is invited to an agency's desk, and what its clients signed."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.db import Moment
from services.identity.tables.base import metadata

# Open ones only: accepted, revoked and expired ones are deleted, with their data keys.
invitations = Table(
    "invitations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("agency", String(40), nullable=False, index=True),
    Column("login_index", LargeBinary, nullable=False, unique=True),
    Column("person", LargeBinary, nullable=False),
    Column("roles", ARRAY(String(40)), nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("invited_by", Uuid, nullable=False),
    Column("invited_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

# Kept until they would have expired anyway: each can be used once. `digest`: of client and `jti`.
client_assertions = Table(
    "client_assertions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("client", ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)
