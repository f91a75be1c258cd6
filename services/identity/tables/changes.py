"""Changes of an account that are on their way: a code is waited for, or the end of a cooling-off time."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, Text, Uuid, text

from chassis.db import Moment
from services.identity.tables.base import metadata

# `claim`: a keyed hash of who they say they are. `account`: found later, by a timer; None: nobody.
password_resets = Table(
    "password_resets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("login_index", LargeBinary, nullable=False),
    Column("claim", LargeBinary, nullable=False),
    Column("language", String(2), nullable=False),
    Column("state", String(16), nullable=False),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE")),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Index("ix_password_resets_asked", "asked_at", postgresql_where=text("state = 'asked'")),
)

# `phone`: the new one, under the account's data key.
phone_changes = Table(
    "phone_changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("phone", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

# One of a purpose waits for an account at a time. `next_at`: when there is something to tell or to do.
# Of a recovery: the new `phone`, under the account's data key, and the new password's hash.
coolings = Table(
    "coolings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("stop_digest", LargeBinary, nullable=False, unique=True),
    Column("told_halfway", Boolean, nullable=False),
    Column("phone", LargeBinary),
    Column("password_hash", Text),
    Index(
        "ix_coolings_waiting", "account", "purpose", unique=True, postgresql_where=text("state = 'waiting'")
    ),
    Index("ix_coolings_next_at", "next_at", postgresql_where=text("state = 'waiting'")),
)
