"""Proving by certificate: sessions to be raised, phones that ring, and what was proved."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text, Uuid

from chassis.db import Moment
from services.identity.tables.base import metadata

step_ups = Table(
    "step_ups",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("session", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("method", String(24), nullable=False),
    Column("challenge", String(100), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("confirmed_at", Moment),
)

mobile_requests = Table(
    "mobile_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Uuid, nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("phone_index", LargeBinary, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("forget_at", Moment, nullable=False, index=True),
    Column("transaction", Text),
    Column("asked_at", Moment),
    Column("ended", String(40)),
    Index("ix_mobile_requests_owner_started_at", "owner", "started_at"),
    Index("ix_mobile_requests_phone_index_started_at", "phone_index", "started_at"),
)

# `box`: challenge, signature, certificate and chain, encrypted under the account's data key.
evidence = Table(
    "evidence",
    metadata,
    Column("proof", ForeignKey("proofs.id", ondelete="CASCADE"), primary_key=True),
    Column("box", LargeBinary, nullable=False),
)
