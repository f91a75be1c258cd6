"""One transaction: the state change, its history and its outbox rows, or none of them."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, UpdateBase
from sqlalchemy.orm import Session

from chassis import outbox, pending, personal, sealing
from chassis.settings import Settings
from contracts.event import Event, Message, Sealed

Clock = Callable[[], datetime]


WAKES = "wakes the relay"


def utc_now() -> datetime:
    return datetime.now(UTC)


class UnitOfWork:
    """What a command or reaction works with. `message` is the envelope a reaction answers to."""

    def __init__(
        self,
        session: Session,
        settings: Settings,
        clock: Clock = utc_now,
        message: Message | None = None,
    ) -> None:
        self.session = session
        self.settings = settings
        self.message = message
        self._clock = clock

    def now(self) -> datetime:
        """UTC, aware."""
        return self._clock()

    def emit(self, *events: Event) -> None:
        """Record events in the outbox, in this transaction, in this order."""
        self.session.flush()
        for event in events:
            outbox.record(self.session, event, self.now())
            self.wake_relay()

    def wake_relay(self) -> None:
        """It looks at once when this is committed: not at the commit of what has nothing for it."""
        self.session.info[WAKES] = True

    def write(self, statement: UpdateBase, **row: Any) -> None:
        """Executed before anything is read through the session, at the latest with the commit.

        For what is written often and whose answer is not needed: rows of one statement (the same object:
        make it once) go to the database together. What is wrong with a row shows only then.
        """
        pending.keep(self.session, statement, row)

    def seal(self, text: str, for_service: str) -> Sealed:
        """Make `text` readable by that service only."""
        return sealing.seal(self.settings.seals[for_service], for_service, text)

    def unseal(self, sealed: Sealed) -> str:
        """Open what was sealed for this service. ValueError when it was not."""
        service = self.settings.service
        return sealing.unseal(self.settings.seals[service], service, sealed)

    def protect(self, person: UUID, text: str) -> bytes:
        """Encrypt personal data for storage under the person's own data key."""
        return personal.protect(self.session, self.settings.master, person, text)

    def reveal(self, person: UUID, protected: bytes) -> str:
        """Decrypt what `protect` stored. LookupError once the person's key was destroyed."""
        return personal.reveal(self.session, self.settings.master, person, protected)

    def fetch_keys(self, persons: Collection[UUID]) -> None:
        """Read these persons' data keys together: `protect` and `reveal` need not ask for each."""
        personal.fetch(self.session, persons)

    def index(self, text: str) -> bytes:
        """A keyed hash to look personal data up by equality without storing it."""
        return personal.index(self.settings.index, text)


class UnitsOfWork:
    """Opens units of work: `with units() as uow: ...` commits on clean exit, rolls back on any exception.

    `after_commit` is called when the unit had something for the relay.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        ports: object = None,
        clock: Clock = utc_now,
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.ports = ports
        self.clock = clock
        self._after_commit = after_commit

    @contextmanager
    def __call__(self, message: Message | None = None) -> Iterator[UnitOfWork]:
        with pending.UnitSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield UnitOfWork(session, self.settings, self.clock, message)
        if WAKES in session.info:
            self._after_commit()
