"""Mandates, and which one a session acts by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mandates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("giver", sa.Uuid(), nullable=False),
        sa.Column("agent_index", sa.LargeBinary(), nullable=False),
        sa.Column("deeds", ARRAY(sa.String(16)), nullable=False),
        sa.Column("procedures", ARRAY(sa.String(16))),
        sa.Column("given_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("agent", sa.Uuid()),
        sa.Column("accepted_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("ended_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["giver"], ["accounts.id"], name="fk_mandates_giver", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mandates"),
    )
    op.create_index("ix_mandates_giver", "mandates", ["giver"])
    op.create_index("ix_mandates_agent_index", "mandates", ["agent_index"])
    op.add_column("sessions", sa.Column("mandate", sa.Uuid()))
