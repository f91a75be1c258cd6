"""An agency's log is pruned, served again from a cursor, and posted to webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "agencies", sa.Column("pruned_position", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column("agencies", sa.Column("rewind_to", sa.BigInteger()))
    op.add_column("agencies", sa.Column("password_hash", sa.Text()))
    op.add_column("agencies", sa.Column("epoch", sa.String(8)))
    op.create_check_constraint(
        op.f("ck_agencies_pruned_was_logged"), "agencies", "pruned_position <= last_position"
    )
    op.create_index("ix_agency_log_at", "agency_log", ["at"])
    _create_webhooks()


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("agency", sa.String(20), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kid", sa.String(40), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False, server_default="enabled"),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("rewind_to", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", Moment),
        sa.Column("last_error", sa.Text()),
        sa.Column("disabled_at", Moment),
        sa.Column("next_try_at", Moment),
        sa.Column("lease", sa.Uuid()),
        sa.PrimaryKeyConstraint("agency", name="pk_webhooks"),
        sa.CheckConstraint("state IN ('enabled', 'disabled')", name=op.f("ck_webhooks_state")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("agency", sa.String(20), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("agency", "position", name="pk_webhook_deliveries"),
        sa.ForeignKeyConstraint(
            ["agency"], ["webhooks.agency"], name="fk_webhook_deliveries_agency", ondelete="CASCADE"
        ),
        sa.CheckConstraint("status IN ('delivered', 'failing')", name=op.f("ck_webhook_deliveries_status")),
    )
