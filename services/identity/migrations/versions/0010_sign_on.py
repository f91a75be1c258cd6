"""Relying parties sign people in through us; signing keys are changed without a gap."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)
Texts = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.add_column("signing_keys", sa.Column("signs_from", Moment))
    op.execute("UPDATE signing_keys SET signs_from = made_at")
    op.alter_column("signing_keys", "signs_from", nullable=False)
    op.add_column("signing_keys", sa.Column("ends_at", Moment))
    op.create_index("ix_signing_keys_ends_at", "signing_keys", ["ends_at"])
    _relying_parties()
    _sign_ons()
    ended = sa.text("ended_at IS NOT NULL")
    op.create_index("ix_sessions_ended_at", "sessions", ["ended_at"], postgresql_where=ended)
    op.create_table(
        "consents",
        sa.Column("account", sa.Uuid(), nullable=False),
        _party(),
        sa.Column("scopes", Texts, nullable=False),
        sa.Column("given_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_consents_account", ondelete="CASCADE"),
        _of_party("consents"),
        sa.PrimaryKeyConstraint("account", "relying_party", name="pk_consents"),
    )
    op.create_table(
        "upstream_logins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_upstream_logins"),
    )
    op.create_index("ix_upstream_logins_expires_at", "upstream_logins", ["expires_at"])
    op.create_table(
        "used_assertions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_used_assertions"),
    )
    op.create_index("ix_used_assertions_expires_at", "used_assertions", ["expires_at"])


def _relying_parties() -> None:
    op.create_table(
        "relying_parties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("redirect_uris", Texts, nullable=False),
        sa.Column("post_logout_redirect_uris", Texts, nullable=False),
        sa.Column("scopes", Texts, nullable=False),
        sa.Column("digest", sa.LargeBinary()),
        sa.Column("jwk", postgresql.JSONB()),
        sa.Column("backchannel_logout_uri", sa.Text()),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("revoked_at", Moment),
        sa.PrimaryKeyConstraint("id", name="pk_relying_parties"),
    )
    op.create_table(
        "sign_on_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        _party(),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("account", sa.Uuid()),
        _of_party("sign_on_requests"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_on_requests"),
    )
    op.create_index("ix_sign_on_requests_expires_at", "sign_on_requests", ["expires_at"])


def _sign_ons() -> None:
    op.create_table(
        "sign_ons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request", sa.Uuid(), nullable=False),
        _party(),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("session", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text()),
        sa.Column("acr", sa.String(8), nullable=False),
        sa.Column("auth_time", Moment, nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("code_challenge_method", sa.String(8), nullable=False),
        sa.Column("code_expires_at", Moment, nullable=False),
        sa.Column("code_used_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("logout_due_at", Moment),
        sa.Column("logout_tries", sa.Integer(), nullable=False),
        sa.Column("logout_told_at", Moment),
        sa.Column("expires_at", Moment, nullable=False),
        _of_party("sign_ons"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_sign_ons_account", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_sign_ons_session", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ons"),
        sa.UniqueConstraint("code_digest", name="uq_sign_ons_code_digest"),
    )
    for column in ("account", "session", "expires_at"):
        op.create_index(f"ix_sign_ons_{column}", "sign_ons", [column])
    op.create_index("ix_sign_ons_relying_party_nonce", "sign_ons", ["relying_party", "nonce"])
    op.create_table(
        "sign_on_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sign_on", sa.Uuid(), nullable=False),
        _party(),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("parent", sa.LargeBinary()),
        sa.Column("replaced_at", Moment),
        _of_party("sign_on_tokens"),
        sa.ForeignKeyConstraint(
            ["sign_on"], ["sign_ons.id"], name="fk_sign_on_tokens_sign_on", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_on_tokens"),
    )
    for column in ("sign_on", "expires_at", "parent"):
        op.create_index(f"ix_sign_on_tokens_{column}", "sign_on_tokens", [column])


def _party() -> sa.Column[object]:
    return sa.Column("relying_party", sa.Uuid(), nullable=False)


def _of_party(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["relying_party"], ["relying_parties.id"], name=f"fk_{table}_relying_party", ondelete="CASCADE"
    )
