"""Contact points, the inbox, deliveries and the agencies' log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrate import create_chassis_tables

revision = "0001"
down_revision = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_chassis_tables(op)
    _create_what_people_are_told()
    _create_deliveries()
    _create_the_agencies_log()


def _create_what_people_are_told() -> None:
    op.create_table(
        "contacts",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("person", name="pk_contacts"),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("read_at", Moment),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
    )
    op.create_index("ix_notifications_person_id", "notifications", ["person", "id"])
    op.create_index(
        "ix_notifications_unread", "notifications", ["person"], postgresql_where=sa.text("read_at IS NULL")
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment),
        sa.Column("state", sa.String(10), nullable=False, server_default="waiting"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_try_at", Moment, nullable=False),
        sa.Column("lease", sa.Uuid()),
        sa.Column("last_error", sa.Text()),
        sa.Column("settled_at", Moment),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'expired')", name=op.f("ck_deliveries_state")
        ),
        sa.CheckConstraint(
            "state = 'waiting' OR content IS NULL", name=op.f("ck_deliveries_blanked_once_settled")
        ),
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["channel", "priority", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_deliveries_expiring",
        "deliveries",
        ["expires_at"],
        postgresql_where=sa.text("state = 'waiting' AND expires_at IS NOT NULL"),
    )


def _create_the_agencies_log() -> None:
    op.create_table(
        "agencies",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name_vi", sa.Text()),
        sa.Column("name_en", sa.Text()),
        sa.Column("last_position", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("published_position", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("connected_at", Moment),
        sa.Column("next_try_at", Moment),
        sa.Column("lease", sa.Uuid()),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("code", name="pk_agencies"),
        sa.CheckConstraint(
            "published_position <= last_position", name=op.f("ck_agencies_published_is_logged")
        ),
    )
    op.create_table(
        "agency_log",
        sa.Column("agency", sa.String(20), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event", postgresql.JSONB(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("agency", "position", name="pk_agency_log"),
        sa.UniqueConstraint("agency", "event_id", name="uq_agency_log_agency_event_id"),
    )
