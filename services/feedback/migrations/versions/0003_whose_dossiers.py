"""A closed account's dossiers are looked up by their owner."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_dossiers_owner"), "dossiers", ["owner"])
