"""Agencies, procedures and their versions, the calendar's exceptions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.migrate import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    op.create_table(
        "agencies",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_agencies"),
    )
    op.create_table(
        "calendar_exceptions",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_calendar_exceptions"),
    )
    op.create_table(
        "seeded",
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_seeded"),
    )
    _create_procedures()
    _create_versions()


def _create_procedures() -> None:
    op.create_table(
        "procedures",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("audience", ARRAY(sa.String(20)), nullable=False),
        sa.Column("events", ARRAY(sa.String(60)), nullable=False),
        sa.Column("agency_level", sa.String(20), nullable=False),
        sa.Column("service_level", sa.String(20), nullable=False),
        sa.Column("sort_words", sa.Text(collation="C"), nullable=False),
        sa.Column("name_words", sa.Text(collation="C"), nullable=False),
        sa.Column("all_words", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_procedures"),
    )


def _create_versions() -> None:
    op.create_table(
        "procedure_versions",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name="ck_procedure_versions_version_from_one"),
        sa.ForeignKeyConstraint(["code"], ["procedures.code"], name="fk_procedure_versions_code"),
        sa.PrimaryKeyConstraint("code", "version", name="pk_procedure_versions"),
    )
    op.execute(
        """
        CREATE FUNCTION refuse_change_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a published version of a procedure never changes (%.%)', OLD.code, OLD.version;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER published_versions_never_change BEFORE UPDATE OR DELETE ON procedure_versions
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_version()
        """
    )
