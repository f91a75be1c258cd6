"""Dossiers that can be rated, ratings, and sums per agency."""

import sqlalchemy as sa
from alembic import op

from chassis.migrate import create_chassis_tables

revision = "0001"
down_revision = None

Moment = sa.DateTime(timezone=True)
INDICES = ("total_time", "agency_time", "contacts", "agencies_visited", "attitude")


def upgrade() -> None:
    create_chassis_tables(op)
    op.create_table(
        "dossiers",
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("agency", sa.String(20), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("closed_at", Moment),
        sa.Column("rated_at", Moment),
        sa.PrimaryKeyConstraint("code", name="pk_dossiers"),
    )
    _create_ratings()
    op.create_table(
        "agencies",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("name_en", sa.Text()),
        sa.Column("ratings", sa.BigInteger(), nullable=False, server_default="0"),
        *(sa.Column(index, sa.BigInteger(), nullable=False, server_default="0") for index in INDICES),
        sa.Column("satisfaction", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("code", name="pk_agencies"),
    )


def _create_ratings() -> None:
    in_range = [
        sa.CheckConstraint(f"{index} BETWEEN 0 AND 2", name=op.f(f"ck_ratings_{index}")) for index in INDICES
    ]
    op.create_table(
        "ratings",
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("agency", sa.String(20), nullable=False),
        *(sa.Column(index, sa.SmallInteger(), nullable=False) for index in INDICES),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=False),
        sa.Column("comment", sa.LargeBinary()),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("dossier", name="pk_ratings"),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name="fk_ratings_dossier"),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name=op.f("ck_ratings_satisfaction")),
        *in_range,
    )
