"""The tables that every service's database has beside its own."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import Moment, new_metadata

metadata = new_metadata()

# The log of the service. `position` is only the order of sending, and never a cursor: sequences commit
# out of order. `log_position` is the cursor: the relay, which is one, gives it to what it has sent.
outbox = Table(
    "outbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False, server_default=text("nextval('outbox_position')")),
    Column("log_position", BigInteger),
    Column("subject", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", String(120), nullable=False),
    Column("body", Text, nullable=False),
    Column("body_once_sent", Text),
    Column("recorded_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Index("ix_outbox_unsent", "position", postgresql_where=text("sent_at IS NULL")),
    Index("ix_outbox_log", "log_position", postgresql_where=text("log_position IS NOT NULL")),
    postgresql_partition_by="RANGE (event_id)",
)

outbox_position = Sequence("outbox_position", metadata=metadata)
outbox_log = Sequence("outbox_log", metadata=metadata)

# What each queue hears of this service. `handled`: the last log position its subscriber said it has
# handled. `filled` NULL: live. Else the queue is filled from the log again, and this far it is.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("queue", String(120), primary_key=True),
    Column("type", String(120), primary_key=True),
    Column("handled", BigInteger, nullable=False, server_default="0"),
    Column("filled", BigInteger),
)

# A new row for each time that the database was found to be another than before: restored, or failed over.
epochs = Table(
    "epochs",
    metadata,
    Column("epoch", String(16), primary_key=True),
    Column("fingerprint", String(80), nullable=False),
    Column("since", Moment, nullable=False),
    Column("resumed", Boolean, nullable=False),
)

event_sequences = Table(
    "event_sequences",
    metadata,
    Column("subject", String(200), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("handler", String(80), primary_key=True),
    Column("handled_at", Moment, nullable=False, server_default=text("now()")),
    postgresql_partition_by="RANGE (event_id)",
)


@event.listens_for(outbox, "after_create")
@event.listens_for(inbox, "after_create")
def _make_rest(table: Table, connection: Connection, **_: object) -> None:
    """Months have partitions of their own, made ahead; what belongs to none of them is in the rest."""
    connection.execute(text(f"CREATE TABLE {table.name}_rest PARTITION OF {table.name} DEFAULT"))


# A row waits until `next_try_at`, and behind earlier rows of its subject and handler.
# `next_try_at` NULL: given up, an operator decides.
parking = Table(
    "parking",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("handler", String(80), primary_key=True),
    Column("subject", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", String(120), nullable=False),
    Column("body", Text, nullable=False),
    Column("sender", String(120)),
    Column("error", Text),
    Column("attempts", Integer, nullable=False),
    Column("parked_at", Moment, nullable=False),
    Column("next_try_at", Moment),
    Index("ix_parking_subject_handler_sequence", "subject", "handler", "sequence"),
    Index("ix_parking_next_try_at", "next_try_at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_mac", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("kid", String(40), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_idempotency_keys_at", "at"),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("person", Uuid, primary_key=True),
    Column("kid", String(40), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

# Who did what to whose data: see chassis/audit. Each chain's positions have no gap; `hash` binds an entry to
# the one before it. Nothing is ever changed or deleted: the database refuses it.
audit = Table(
    "audit",
    metadata,
    Column("chain", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("actor", Uuid),
    Column("agency", String(40)),
    Column("acted_for", Uuid),
    Column("deed", String(60), nullable=False),
    Column("whose", Uuid),
    Column("about", String(200), nullable=False),
    Column("request", String(64), nullable=False),
    Column("details", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("ix_audit_whose_at", "whose", "at", postgresql_where=text("whose IS NOT NULL")),
)
