from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
)

from chassis.db import Moment, new_metadata, registry_for
from services.feedback.model import INDICES, Dossier, Rating

metadata = new_metadata()
NOBODY = UUID(int=0)

# `owner` is here to let them rate, once; it is never joined to what goes out. NOBODY: the account is closed.
dossiers = Table(
    "dossiers",
    metadata,
    Column("code", String(60), primary_key=True),
    Column("agency", String(20), nullable=False),
    Column("owner", Uuid, nullable=False, index=True),
    Column("closed_at", Moment),
    Column("rated_at", Moment),
)

# `comment` is under the owner's data key: only they read it.
ratings = Table(
    "ratings",
    metadata,
    Column("dossier", String(60), ForeignKey("dossiers.code"), primary_key=True),
    Column("agency", String(20), nullable=False),
    *(Column(index, SmallInteger, nullable=False) for index in INDICES),
    Column("satisfaction", SmallInteger, nullable=False),
    Column("comment", LargeBinary),
    Column("at", Moment, nullable=False),
    *(CheckConstraint(f"{index} BETWEEN 0 AND 2", name=index) for index in INDICES),
    CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
)

# Sums beside the names, so that a public page costs one row however many rated.
agencies = Table(
    "agencies",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("name", Text),
    Column("name_en", Text),
    Column("ratings", BigInteger, nullable=False, server_default="0"),
    *(Column(index, BigInteger, nullable=False, server_default="0") for index in INDICES),
    Column("satisfaction", BigInteger, nullable=False, server_default="0"),
)

mapper = registry_for(metadata)
mapper.map_imperatively(Dossier, dossiers)
mapper.map_imperatively(Rating, ratings)
