"""Registrations that are taken to a post office, and what its clerks did."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counter_visits",
        sa.Column("registration", sa.Uuid(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("refused_because", sa.String(40)),
        sa.ForeignKeyConstraint(
            ["registration"],
            ["registrations.id"],
            name=op.f("fk_counter_visits_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration", name=op.f("pk_counter_visits")),
        sa.UniqueConstraint("code_index", name=op.f("uq_counter_visits_code_index")),
    )
    op.create_table(
        "counter_deeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clerk", sa.Uuid(), nullable=False),
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("registration", sa.Uuid()),
        sa.Column("reason", sa.String(40)),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_deeds")),
    )
    op.create_index(op.f("ix_counter_deeds_registration"), "counter_deeds", ["registration"])
    op.create_index("ix_counter_deeds_clerk_at", "counter_deeds", ["clerk", "at"])
