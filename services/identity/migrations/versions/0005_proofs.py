"""Which methods proved an account; registrations that wait for a counter or a signature."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proofs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(24), nullable=False),
        sa.Column("assurance", sa.String(8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name=op.f("fk_proofs_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofs")),
    )
    op.create_index(op.f("ix_proofs_account"), "proofs", ["account"])
    # Until now there was one method, so the account's own id may name its one proof.
    op.execute(
        "INSERT INTO proofs SELECT id, id, 'phone', assurance, opened_at FROM accounts WHERE kind = 'citizen'"
    )
    op.alter_column("registrations", "state", type_=sa.String(24))
    op.add_column("registrations", sa.Column("challenge", sa.String(100)))
