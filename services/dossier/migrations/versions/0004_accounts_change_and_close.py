"""Accounts change and close."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("applicants", "profile", nullable=True)
    op.add_column("applicants", sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
    op.add_column("applicants", sa.Column("closed_at", sa.DateTime(timezone=True)))
