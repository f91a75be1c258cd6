"""A decision refused over REST is recorded too; there its id is optional."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("refused_decisions", "decision_id", nullable=True)
