"""The databases that this command line can reach."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from chassis import service as services
from chassis.db import open_engine
from chassis.exits import AWAY, USAGE, stop
from chassis.settings import text


@dataclass(frozen=True)
class Place:
    service: str
    engine: Engine

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Each statement is a transaction of its own: nothing is held open while somebody reads."""
        try:
            with self.engine.connect() as connection:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")
        except OperationalError as error:
            raise stop(f"The database of {self.service} is away. Run this again.", AWAY) from error


@contextmanager
def reachable(service: str | None = None) -> Iterator[Sequence[Place]]:
    """Of all services whose database URL is set, or of the one named."""
    urls = {name: text(f"{name.upper()}_DATABASE_URL", "") for name in services.names()}
    if service and not urls[service]:
        raise stop(f"{service.upper()}_DATABASE_URL is not set.", USAGE)
    names = [service] if service else [name for name, url in urls.items() if url]
    if not names:
        raise stop("No database is known: set <SERVICE>_DATABASE_URL of at least one service.", USAGE)
    places = [Place(name, open_engine(urls[name], "motcua-events", 2)) for name in names]
    try:
        yield places
    finally:
        for place in places:
            place.engine.dispose()
