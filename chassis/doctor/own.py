"""What each service itself has to say of how it does."""

from collections.abc import Iterator, Sequence

from sqlalchemy.exc import SQLAlchemyError

from chassis import service as services
from chassis.db import open_engine
from chassis.findings import Finding, away
from chassis.settings import text


def look(names: Sequence[str]) -> Iterator[Finding]:
    """Of those whose database is there and migrated."""
    for name in names:
        examine = services.load(name).examine
        if examine is None:
            continue
        engine = open_engine(text(f"{name.upper()}_DATABASE_URL"), "motcua-doctor", 1)
        try:
            with engine.connect() as connection:
                yield from examine(connection)
        except SQLAlchemyError as error:
            yield away(name, f"could not be asked how it does: {type(error).__name__}", "run this again")
        finally:
            engine.dispose()
