"""Who can log in, and the back offices that call the API."""

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.db import Moment
from services.identity.tables.base import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("login_index", LargeBinary, nullable=False, unique=True),
    Column("person", LargeBinary, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("assurance", String(8), nullable=False),
    Column("language", String(2), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("agency", String(40)),
    Column("roles", ARRAY(String(40)), nullable=False),
    Column("standing", String(16), nullable=False, server_default="active"),
    Index("ix_accounts_agency_id", "agency", "id"),
    Column("closed_at", Moment),
)

# Back offices that call the API. `digest`: SHA-256 of the secret, if it has one; `keys`: public JWKs.
clients = Table(
    "clients",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("agency", String(40), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
    Column("keys", JSONB, nullable=False, server_default="[]"),
    Column("scopes", ARRAY(String(40)), nullable=False, server_default="{agency}"),
)
