"""One dialect, PostgreSQL; one way to open it."""

from uuid import UUID

import uuid_utils.compat
from sqlalchemy import DateTime, Engine, MetaData, create_engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import registry

Moment = DateTime(timezone=True)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    return MetaData(naming_convention=NAMES)


def registry_for(metadata: MetaData) -> registry:
    return registry(metadata=metadata)


def new_id() -> UUID:
    """UUIDv7: unguessable enough for an id, rising with time for the index."""
    return uuid_utils.compat.uuid7()


def open_engine(url: str, application: str, pool_size: int = 8) -> Engine:
    """A pool that notices dead connections and never waits for ever on a frozen server."""
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        # An error's text goes into logs and parking; what was written must not.
        hide_parameters=True,
        connect_args={
            "application_name": application,
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": 20000,
            "options": "-c timezone=UTC -c statement_timeout=30000"
            " -c idle_in_transaction_session_timeout=10000",
        },
    )


def raise_if_away(error: Exception) -> None:
    """A database that is away fails whoever asks it: that says nothing of what was asked."""
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _is_away(error)):
        raise error


def _is_away(error: DBAPIError) -> bool:
    """Connection lost, out of resources, shut down or timed out (SQLSTATE 08, 53, 57P, 25P03)."""
    state = getattr(error.orig, "sqlstate", None)
    lost = state is None and isinstance(error, OperationalError)
    return lost or str(state)[:2] in {"08", "53"} or str(state)[:3] in {"57P", "25P"}
