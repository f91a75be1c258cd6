"""Who may act for whom."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.db import Moment
from services.identity.tables.base import metadata

# `agent_index`: of the login it was offered to, as `accounts.login_index`.
mandates = Table(
    "mandates",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("giver", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("agent_index", LargeBinary, nullable=False, index=True),
    Column("deeds", ARRAY(String(16)), nullable=False),
    Column("procedures", ARRAY(String(16))),
    Column("given_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("agent", Uuid),
    Column("accepted_at", Moment),
    Column("ended_at", Moment),
    Column("ended_by", Uuid),
)
