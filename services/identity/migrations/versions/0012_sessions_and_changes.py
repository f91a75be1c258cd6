"""What a person sees of their sessions; resets, changes and what waits for its cooling-off time."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("sessions", sa.Column("browser", sa.String(length=60)))
    op.add_column("sessions", sa.Column("seen_at", MOMENT))
    op.execute("UPDATE sessions SET seen_at = started_at")
    op.alter_column("sessions", "seen_at", nullable=False)
    op.add_column("devices", sa.Column("network", sa.LargeBinary()))
    op.add_column("accounts", sa.Column("closed_at", MOMENT))
    purpose = sa.Column("purpose", sa.String(length=16), server_default="account", nullable=False)
    op.add_column("registrations", purpose)
    make_changes()
    make_coolings()


def make_changes() -> None:
    op.create_table(
        "password_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login_index", sa.LargeBinary(), nullable=False),
        sa.Column("claim", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("account", sa.Uuid()),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name=op.f("fk_password_resets_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
    )
    op.create_index(op.f("ix_password_resets_expires_at"), "password_resets", ["expires_at"])
    asked = sa.text("state = 'asked'")
    op.create_index("ix_password_resets_asked", "password_resets", ["asked_at"], postgresql_where=asked)
    op.create_table(
        "phone_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name=op.f("fk_phone_changes_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_changes")),
    )
    op.create_index(op.f("ix_phone_changes_account"), "phone_changes", ["account"])
    op.create_index(op.f("ix_phone_changes_expires_at"), "phone_changes", ["expires_at"])


def make_coolings() -> None:
    op.create_table(
        "coolings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("stop_digest", sa.LargeBinary(), nullable=False),
        sa.Column("told_halfway", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.LargeBinary()),
        sa.Column("password_hash", sa.Text()),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name=op.f("fk_coolings_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coolings")),
        sa.UniqueConstraint("stop_digest", name=op.f("uq_coolings_stop_digest")),
    )
    waiting = sa.text("state = 'waiting'")
    one = ["account", "purpose"]
    op.create_index("ix_coolings_waiting", "coolings", one, unique=True, postgresql_where=waiting)
    op.create_index("ix_coolings_next_at", "coolings", ["next_at"], postgresql_where=waiting)
