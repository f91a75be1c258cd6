"""Signing in to others through us."""

from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.db import Moment
from services.identity.tables.base import metadata

relying_parties = Table(
    "relying_parties",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sector", Text, nullable=False),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("post_logout_redirect_uris", ARRAY(Text), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("digest", LargeBinary),
    Column("jwk", JSONB(none_as_null=True)),
    Column("backchannel_logout_uri", Text),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)


def _relying_party() -> Column[UUID]:
    return Column("relying_party", ForeignKey("relying_parties.id", ondelete="CASCADE"), nullable=False)


sign_on_requests = Table(
    "sign_on_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    _relying_party(),
    Column("query", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("account", Uuid),
)

sign_ons = Table(
    "sign_ons",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("request", Uuid, nullable=False),
    _relying_party(),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("session", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("nonce", Text),
    Column("acr", String(8), nullable=False),
    Column("auth_time", Moment, nullable=False),
    Column("code_digest", LargeBinary, nullable=False, unique=True),
    Column("code_challenge", Text, nullable=False),
    Column("code_challenge_method", String(8), nullable=False),
    Column("code_expires_at", Moment, nullable=False),
    Column("code_used_at", Moment),
    Column("ended_at", Moment),
    Column("logout_due_at", Moment),
    Column("logout_tries", Integer, nullable=False),
    Column("logout_told_at", Moment),
    Column("expires_at", Moment, nullable=False, index=True),
    Index("ix_sign_ons_relying_party_nonce", "relying_party", "nonce"),
)

sign_on_tokens = Table(
    "sign_on_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("sign_on", ForeignKey("sign_ons.id", ondelete="CASCADE"), nullable=False, index=True),
    _relying_party(),
    Column("kind", String(8), nullable=False),
    Column("scope", Text, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("parent", LargeBinary, index=True),
    Column("replaced_at", Moment),
)

consents = Table(
    "consents",
    metadata,
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("relying_party", ForeignKey("relying_parties.id", ondelete="CASCADE"), primary_key=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("given_at", Moment, nullable=False),
)

# Signed proofs of relying parties (RFC 7523), kept until they would have expired: each works once.
used_assertions = Table(
    "used_assertions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires_at", Moment, nullable=False, index=True),
)
