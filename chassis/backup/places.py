"""The databases of all services, each reached as its own role."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from chassis import service as services
from chassis import settings
from chassis.exits import USAGE, stop
from chassis.service import Service

PATIENT = (
    "-c timezone=UTC -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
    " -c idle_session_timeout=0"
)


@dataclass(frozen=True)
class Place:
    """`url` is the service's own, as its role: nothing here is a superuser's."""

    service: str
    url: str

    @property
    def manifest(self) -> Service:
        return services.load(self.service)

    @contextmanager
    def connect(self, **options: object) -> Iterator[Connection]:
        """One that may be silent for hours, while others read for it. `options` are SQLAlchemy's."""
        engine = create_engine(
            make_url(self.url).set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                "application_name": "motcua-backup",
                "connect_timeout": 5,
                "keepalives_idle": 10,
                "keepalives_interval": 3,
                "keepalives_count": 3,
                "options": PATIENT,
            },
        )
        with engine.connect() as connection:
            yield connection.execution_options(**options)


def all_of_them() -> Sequence[Place]:
    """Each must be set: a backup of some of them would be of no point in time."""
    return [Place(name, _url(f"{name.upper()}_DATABASE_URL")) for name in services.names()]


def _url(setting: str) -> str:
    if url := settings.text(setting, ""):
        return url
    raise stop(f"{setting} is not set: a backup is of the databases of all services.", USAGE)


def server_version(connection: Connection) -> int:
    """Major."""
    return int(
        connection.execute(text("SELECT current_setting('server_version_num')::int / 10000")).scalar_one()
    )
