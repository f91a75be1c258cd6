"""The tables that every service's database has beside its own."""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import Moment, new_metadata

metadata = new_metadata()

# `position` is only the order of sending. It is never a cursor: sequences commit out of order.
outbox = Table(
    "outbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("position", BigInteger, Identity(always=True), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", String(120), nullable=False),
    Column("body", Text, nullable=False),
    Column("body_once_sent", Text),
    Column("recorded_at", Moment, nullable=False),
    Column("sent_at", Moment),
    UniqueConstraint("subject", "sequence"),
    Index("ix_outbox_unsent", "position", postgresql_where=text("sent_at IS NULL")),
)

event_sequences = Table(
    "event_sequences",
    metadata,
    Column("subject", String(200), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("handler", String(80), primary_key=True),
    Column("handled_at", Moment, nullable=False, server_default=text("now()")),
)

# A row waits until `next_try_at`, and behind earlier rows of its subject and handler.
# `next_try_at` NULL: given up, an operator decides.
parking = Table(
    "parking",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("handler", String(80), primary_key=True),
    Column("subject", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", String(120), nullable=False),
    Column("body", Text, nullable=False),
    Column("sender", String(120)),
    Column("error", Text),
    Column("attempts", Integer, nullable=False),
    Column("parked_at", Moment, nullable=False),
    Column("next_try_at", Moment),
    Index("ix_parking_subject_handler_sequence", "subject", "handler", "sequence"),
    Index("ix_parking_next_try_at", "next_try_at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_mac", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("kid", String(40), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_idempotency_keys_at", "at"),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("person", Uuid, primary_key=True),
    Column("kid", String(40), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
