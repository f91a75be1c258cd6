"""Identity's own tables. Personal data is in `person` columns only, encrypted; look-ups use keyed hashes."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.db import Moment, new_metadata, registry_for
from services.identity.model.account import Account
from services.identity.model.client import Client
from services.identity.model.code import OneTimeCode
from services.identity.model.login import Backoff, Device, Login
from services.identity.model.registration import Registration
from services.identity.model.session import LoginSession, RefreshToken

metadata = new_metadata()

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
)

# Back offices that call the API. `digest`: SHA-256 of the secret.
clients = Table(
    "clients",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("agency", String(40), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
)

registrations = Table(
    "registrations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("method", String(24), nullable=False),
    Column("login_index", LargeBinary, nullable=False),
    Column("person", LargeBinary, nullable=False),
    Column("language", String(2), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
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

logins = Table(
    "logins",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

devices = Table(
    "devices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

backoffs = Table(
    "backoffs",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("blocked_until", Moment, nullable=False),
    Column("forget_at", Moment, nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("device", Uuid, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("idle_until", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    Column("ended_because", String(16)),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("session", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("parent", LargeBinary, index=True),
    Column("issued_at", Moment, nullable=False),
    Column("replaced_at", Moment),
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

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("public", JSONB, nullable=False),
    Column("master_kid", String(40), nullable=False),
    Column("box", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
)

mapper = registry_for(metadata)
mapper.map_imperatively(Account, accounts)
mapper.map_imperatively(Client, clients)
mapper.map_imperatively(Registration, registrations)
mapper.map_imperatively(OneTimeCode, codes)
mapper.map_imperatively(Login, logins)
mapper.map_imperatively(Device, devices)
mapper.map_imperatively(Backoff, backoffs)
mapper.map_imperatively(LoginSession, sessions)
mapper.map_imperatively(RefreshToken, refresh_tokens)
