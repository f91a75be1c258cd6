"""What dossier keeps: its copies of what others publish, the dossiers, their files and history."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import relationship

from chassis.db import Moment, new_metadata, registry_for
from contracts.event import Name
from services.dossier.model.dossier import Dossier
from services.dossier.model.history import Step
from services.dossier.model.papers import File

metadata = new_metadata()


class BothLanguages(TypeDecorator[Name]):
    """A public name in Vietnamese and English."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Name | None, _: Dialect) -> Any:
        return value and {"vi": value.vi, "en": value.en}

    def process_result_value(self, value: Any, _: Dialect) -> Name | None:
        return value and Name(value["vi"], value["en"])


# Every version that was ever published: a draft keeps the one it was begun with.
procedures = Table(
    "procedures",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("published", JSONB, nullable=False),
)

# `sequence` is the event's: an older one that comes late changes nothing.
agencies = Table(
    "agencies",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("account", String(40), nullable=False, unique=True),
    Column("name", BothLanguages, nullable=False),
    Column("sequence", Integer, nullable=False),
)

calendar_years = Table(
    "calendar_years",
    metadata,
    Column("year", SmallInteger, primary_key=True),
    Column("days", JSONB, nullable=False),
    Column("sequence", Integer, nullable=False),
)

# No profile: the account is closed and had no submitted dossier. `sequence`: of the event that told it.
applicants = Table(
    "applicants",
    metadata,
    Column("account", Uuid, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("assurance", String(10), nullable=False),
    Column("profile", LargeBinary),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("closed_at", Moment),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("applicant", Uuid, nullable=False),
    Column("procedure", String(20), nullable=False),
    Column("procedure_version", Integer, nullable=False),
    Column("procedure_name", BothLanguages, nullable=False),
    Column("agency", String(20), nullable=False),
    Column("agency_name", BothLanguages, nullable=False),
    Column("limit_amount", Integer),
    Column("limit_unit", String(20)),
    Column("answers", LargeBinary, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Column("code", String(40), unique=True),
    Column("status", SmallInteger),
    Column("came_from", ARRAY(SmallInteger), nullable=False),
    Column("submitted_at", Moment),
    Column("answer_due_at", Moment),
    Column("due_at", Moment),
    Column("outcome", String(20)),
    Column("closed_at", Moment),
    Column("receipt_digest", LargeBinary),
    Column("receipt_key", LargeBinary),
    CheckConstraint("(code IS NULL) = (status IS NULL)", name="code_with_status"),
    Index("ix_dossiers_own", "applicant", "changed_at", "id"),
)
deadline = func.coalesce(dossiers.c.due_at, dossiers.c.answer_due_at)
Index(
    "ix_dossiers_desk",
    dossiers.c.agency,
    deadline,
    dossiers.c.id,
    postgresql_where=text("status IS NOT NULL"),
)

files = Table(
    "files",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("dossier_id", ForeignKey("dossiers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("document", String(80), nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("stored_as", String(64), nullable=False, unique=True),
    Column("scan", String(10), nullable=False),
    Column("added_at", Moment, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("dossier_id", ForeignKey("dossiers.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("status", SmallInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("account", Uuid),
    Column("agency", String(20)),
    Column("reason", LargeBinary),
    Column("decision", Uuid),
    Column("actor", Uuid),
    UniqueConstraint("dossier_id", "decision"),
)

# The last number given out, per agency and local day: no gap, because it commits with its dossier.
counters = Table(
    "counters",
    metadata,
    Column("agency", String(20), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

# What back offices asked for and did not get. `account`: the broker's, or the id of the API's client.
# `agency` is None when the sender is nobody's; over REST a decision need not have an id.
refused_decisions = Table(
    "refused_decisions",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("decision_id", Uuid),
    Column("account", String(120)),
    Column("agency", String(20)),
    Column("code", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("problem", String(80), nullable=False),
    Column("at", Moment, nullable=False),
)

mapper = registry_for(metadata)
mapper.map_imperatively(File, files)
mapper.map_imperatively(Step, history)
mapper.map_imperatively(
    Dossier,
    dossiers,
    properties={
        "files": relationship(File, cascade="all, delete-orphan", order_by=files.c.id),
        "history": relationship(Step, cascade="all, delete-orphan", order_by=history.c.version),
    },
)
