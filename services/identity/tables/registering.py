"""On the way to an account, and to a code."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, Uuid

from chassis.db import Moment
from services.identity.tables.base import metadata

registrations = Table(
    "registrations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("method", String(24), nullable=False),
    Column("login_index", LargeBinary, nullable=False),
    Column("person", LargeBinary, nullable=False),
    Column("language", String(2), nullable=False),
    Column("state", String(24), nullable=False),
    Column("challenge", String(100)),
    Column("evidence", LargeBinary),
    Column("started_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("purpose", String(16), nullable=False, server_default="account"),
)

codes = Table(
    "codes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("owner", Uuid, nullable=False),
    Column("phone_index", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("forget_at", Moment, nullable=False, index=True),
    Index("ix_codes_owner_sent_at", "owner", "sent_at"),
    Index("ix_codes_phone_index_sent_at", "phone_index", "sent_at"),
)

# Kept until they would have expired anyway: each can be used once.
solved_captchas = Table(
    "solved_captchas",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires_at", Moment, nullable=False, index=True),
)

pictures = Table(
    "pictures",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    # The digits, sealed: spoken when somebody asks to hear them.
    Column("master_kid", String(40), nullable=False),
    Column("box", Text, nullable=False),
)
