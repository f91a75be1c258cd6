"""The outbox becomes the log of the service."""

from alembic import op

from chassis.migrate import chassis_step

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    chassis_step(op, "0002_log")
