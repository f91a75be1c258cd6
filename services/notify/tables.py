from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import Moment, new_metadata

metadata = new_metadata()

# Where a person is reached: phone and e-mail under the person's data key. No phone: the account is closed;
# the row is kept so that nothing older brings the person back. `sequence`: of the event it was told by.
contacts = Table(
    "contacts",
    metadata,
    Column("person", Uuid, primary_key=True),
    Column("language", String(2), nullable=False),
    Column("phone", LargeBinary),
    Column("email", LargeBinary),
    Column("sequence", BigInteger, nullable=False, server_default="0"),
)

# `content`: JSON {"vi": {"title", "text"}, "en": ...} under the person's data key. No dossier: of an account.
notifications = Table(
    "notifications",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person", Uuid, nullable=False),
    Column("dossier", String(60)),
    Column("content", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("read_at", Moment),
    Index("ix_notifications_person_id", "person", "id"),
    Index("ix_notifications_unread", "person", postgresql_where=text("read_at IS NULL")),
)

# `id` is the reference the gateway drops repeats by. `content`: JSON {"to", "text", "subject"?} under the
# data key of `owner`; empty once settled. `lease` is held by the sender that talks to the gateway
# now; it ends with `next_try_at`. `priority` 0 are codes.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Uuid, nullable=False),
    Column("channel", String(10), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("template", String(60), nullable=False),
    Column("content", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("state", String(10), nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_try_at", Moment, nullable=False),
    Column("lease", Uuid),
    Column("last_error", Text),
    Column("settled_at", Moment),
    CheckConstraint("state IN ('waiting', 'sent', 'failed', 'expired')", name="state"),
    CheckConstraint("state = 'waiting' OR content IS NULL", name="blanked_once_settled"),
    Index(
        "ix_deliveries_waiting",
        "channel",
        "priority",
        "id",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_deliveries_expiring",
        "expires_at",
        postgresql_where=text("state = 'waiting' AND expires_at IS NOT NULL"),
    ),
)

# `last_position` counts the agency's log without a gap; positions up to `pruned_position` are kept no longer.
# `published_position` is how far its queue has the log, `rewind_to` where the next publisher begins again.
# `epoch`: the log's when it was written last. `connected_at` NULL: no queue.
# `password_hash`: of its broker account, as RabbitMQ keeps it.
# `lease` is held by the worker that publishes now, until `next_try_at`.
agencies = Table(
    "agencies",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("name_vi", Text),
    Column("name_en", Text),
    Column("last_position", BigInteger, nullable=False, server_default="0"),
    Column("published_position", BigInteger, nullable=False, server_default="0"),
    Column("connected_at", Moment),
    Column("next_try_at", Moment),
    Column("lease", Uuid),
    Column("last_error", Text),
    Column("pruned_position", BigInteger, nullable=False, server_default="0"),
    Column("rewind_to", BigInteger),
    Column("password_hash", Text),
    Column("epoch", String(8)),
    CheckConstraint("published_position <= last_position", name="published_is_logged"),
    CheckConstraint("pruned_position <= last_position", name="pruned_was_logged"),
)

# `event`: the CloudEvent as the agency reads it, its `position` in it, nothing sealed.
agency_log = Table(
    "agency_log",
    metadata,
    Column("agency", String(20), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("event", JSONB, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("agency", "event_id"),
    Index("ix_agency_log_at", "at"),
)

# `secret` is under the master key `kid`. `position` is how far the agency has the log by this door,
# `rewind_to` where the next sender begins again; `lease` as above. `attempts` and `failing_since` are of the
# event after `position`; `last_error` and `disabled_at` stay to be read until it is enabled again.
webhooks = Table(
    "webhooks",
    metadata,
    Column("agency", String(20), primary_key=True),
    Column("url", Text, nullable=False),
    Column("kid", String(40), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False, server_default="enabled"),
    Column("position", BigInteger, nullable=False),
    Column("rewind_to", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failing_since", Moment),
    Column("last_error", Text),
    Column("disabled_at", Moment),
    Column("next_try_at", Moment),
    Column("lease", Uuid),
    CheckConstraint("state IN ('enabled', 'disabled')", name="state"),
)

# The newest attempt at each position.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("agency", ForeignKey("webhooks.agency", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("type", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    CheckConstraint("status IN ('delivered', 'failing')", name="status"),
)
