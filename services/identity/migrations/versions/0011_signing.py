"""Proving by certificate, and the assurance of a session."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "step_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("session", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(24), nullable=False),
        sa.Column("challenge", sa.String(100), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("confirmed_at", Moment),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_step_ups_account", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_step_ups_session", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_step_ups"),
    )
    for column in ("account", "session", "expires_at"):
        op.create_index(f"ix_step_ups_{column}", "step_ups", [column])
    op.create_table(
        "mobile_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("forget_at", Moment, nullable=False),
        sa.Column("transaction", sa.Text()),
        sa.Column("asked_at", Moment),
        sa.Column("ended", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_mobile_requests"),
    )
    op.create_index("ix_mobile_requests_forget_at", "mobile_requests", ["forget_at"])
    for column in ("owner", "phone_index"):
        op.create_index(f"ix_mobile_requests_{column}_started_at", "mobile_requests", [column, "started_at"])
    op.create_table(
        "evidence",
        sa.Column("proof", sa.Uuid(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name="fk_evidence_proof", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("proof", name="pk_evidence"),
    )
    op.add_column("registrations", sa.Column("evidence", sa.LargeBinary()))
    # Whoever is logged in came by password and code.
    op.add_column("sessions", sa.Column("assurance", sa.String(8), nullable=False, server_default="medium"))
    op.alter_column("sessions", "assurance", server_default=None)
