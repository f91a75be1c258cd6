"""Officials by invitation, and clients that sign instead of having a secret.

Until now every official could do whatever there was to do, and an agency had nobody to administer its accounts:
those who are there get every role, and their agency takes away what it does not want.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)
EVERY_ROLE = "UPDATE accounts SET roles = '{receiver,handler,approver,administrator}' WHERE kind = 'official'"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("standing", sa.String(16), nullable=False, server_default="active"))
    op.create_index("ix_accounts_agency_id", "accounts", ["agency", "id"])
    op.execute(EVERY_ROLE)
    op.alter_column("clients", "digest", nullable=True)
    op.add_column("clients", sa.Column("keys", JSONB, nullable=False, server_default="[]"))
    op.add_column(
        "clients", sa.Column("scopes", ARRAY(sa.String(40)), nullable=False, server_default="{agency}")
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("login_index", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("roles", ARRAY(sa.String(40)), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("login_index", name="uq_invitations_login_index"),
        sa.UniqueConstraint("digest", name="uq_invitations_digest"),
    )
    op.create_index("ix_invitations_agency", "invitations", ["agency"])
    op.create_index("ix_invitations_expires_at", "invitations", ["expires_at"])
    op.create_table(
        "client_assertions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client", sa.Uuid(), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["client"], ["clients.id"], name="fk_client_assertions_client", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_client_assertions"),
    )
    op.create_index("ix_client_assertions_expires_at", "client_assertions", ["expires_at"])
