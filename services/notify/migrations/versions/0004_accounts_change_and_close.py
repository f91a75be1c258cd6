"""Accounts change and close, and their owners are told of what happens to them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("contacts", "phone", nullable=True)
    op.add_column("contacts", sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("notifications", "dossier", nullable=True)
