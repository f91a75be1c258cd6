"""Who did what to whose data."""

from alembic import op

from chassis.migrate import chassis_step

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    chassis_step(op, "0003_audit")
