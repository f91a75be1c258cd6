"""A unit of work for the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis import settings as configuration
from chassis.db import open_engine
from chassis.exits import REFUSED, stop
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from vocabulary.refusals import Refusal


@contextmanager
def unit_of_work() -> Iterator[UnitOfWork]:
    """Exit code 1 when it is refused, with the reason."""
    settings = configuration.load("identity")
    engine = open_engine(settings.database_url, "identity-console", 1)
    try:
        with UnitsOfWork(engine, settings)() as uow:
            yield uow
    except Refusal as refusal:
        raise stop(refusal.detail.en, REFUSED) from refusal
    finally:
        engine.dispose()
