"""A picture's digits, sealed, so that they can be spoken when somebody asks to hear them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Pictures live for minutes: those there are are not worth keeping.
    op.execute("DELETE FROM pictures")
    op.add_column("pictures", sa.Column("master_kid", sa.String(length=40), nullable=False))
    op.add_column("pictures", sa.Column("box", sa.Text(), nullable=False))
