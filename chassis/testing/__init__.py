"""For tests of any service: it runs whole, on a real PostgreSQL, with a clock that can be moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select, text

from chassis import envelope, logs, sealing, worker
from chassis import service as services
from chassis.app import create_api
from chassis.auth import Verifier
from chassis.consumer import Consumer
from chassis.db import new_id, open_engine
from chassis.handling import Delivered, handlers_of
from chassis.service import Service
from chassis.tables import outbox, parking
from chassis.testing.configuration import settings_environment, test_settings
from chassis.testing.databases import database_apart, fresh_database, migrated_database
from chassis.testing.tokens import PUBLIC_URL, SIGNING_KEY, TestKeys, access_token
from chassis.unit_of_work import UnitsOfWork
from contracts.event import Event, Sealed

__all__ = [
    "PUBLIC_URL",
    "SIGNING_KEY",
    "Clock",
    "ServiceUnderTest",
    "TestKeys",
    "access_token",
    "delivery",
    "fresh_database",
    "settings_environment",
    "test_settings",
]

E = TypeVar("E", bound=Event)

logs.configure("test")


class Clock:
    def __init__(self, at: datetime) -> None:
        self.now = at

    def __call__(self) -> datetime:
        return self.now

    def timestamp(self) -> float:
        return self.now.timestamp()

    def move(self, by: timedelta) -> None:
        self.now += by


class ServiceUnderTest:
    __test__ = False

    def __init__(self, service: Service, units: UnitsOfWork, clock: Clock) -> None:
        self.service = service
        self.units = units
        self.clock = clock
        self.settings = units.settings
        verifier = Verifier(TestKeys(), PUBLIC_URL, now=clock.timestamp)
        self.app = create_api(service, units.settings, units, verifier)
        self.client: FlaskClient = self.app.test_client()
        self.consumer = Consumer(service.name, handlers_of(service.reactions), units)

    @classmethod
    @contextmanager
    def started(
        cls,
        name: str,
        server_url: str,
        ports: object = None,
        at: datetime | None = None,
        seeded: bool = False,
        apart: bool = False,
    ) -> Iterator["ServiceUnderTest"]:
        """`at` stands still until moved; default is now. `apart`: on a database of its own."""
        url = database_apart(server_url, name) if apart else migrated_database(server_url, name)
        service = services.load(name)
        settings = test_settings(name, url)
        clock = Clock(at or datetime.now(UTC))
        engine = open_engine(url, f"test-{name}", settings.pool_size)
        units = UnitsOfWork(engine, settings, ports or service.ports(settings), clock)
        if seeded and service.seed:
            with units() as uow:
                service.seed(uow)
        try:
            yield cls(service, units, clock)
        finally:
            engine.dispose()

    def as_citizen(self, account: UUID | None = None, assurance: str = "medium") -> dict[str, str]:
        return self.headers("citizen", account, acr=assurance)

    def as_business(self, account: UUID | None = None) -> dict[str, str]:
        return self.headers("business", account, acr="high")

    def as_official(
        self,
        agency: str,
        account: UUID | None = None,
        roles: tuple[str, ...] = ("receiver", "handler", "approver"),
    ) -> dict[str, str]:
        return self.headers("official", account, agency=agency, roles=list(roles))

    def as_agency(self, agency: str) -> dict[str, str]:
        return self.headers("agency", None, agency=agency)

    def as_operator(self) -> dict[str, str]:
        return self.headers("operator", None)

    def headers(self, kind: str, account: UUID | None, **claims: Any) -> dict[str, str]:
        now = int(self.clock.now.timestamp())
        return {"Authorization": f"Bearer {access_token(kind, account, now, **claims)}"}

    def hear(self, event: Event, sequence: int = 1, user: str | None = None) -> None:
        """Through the real consumer. AssertionError when it was parked."""
        delivered = delivery(event, self.clock.now, sequence, user)
        consumer = self._consumer_of(type(event))
        consumer.handle([delivered])
        parked = self._parked(delivered.message.id)
        assert not parked, f"{event.type} was parked: {parked}"

    def retry_parked(self) -> int:
        return self.consumer.retry_parked()

    def _consumer_of(self, event: type[Event]) -> Consumer:
        doors = [worker.handler_of(door) for door in self.service.doors if door.event is event]
        return Consumer(self.service.name, doors, self.units) if doors else self.consumer

    def _parked(self, id: UUID) -> list[str | None]:
        with self.units() as uow:
            found = uow.session.execute(select(parking.c.error).where(parking.c.event_id == id))
            return list(found.scalars())

    def announced(self, event: type[E]) -> list[E]:
        """Events of this kind in the outbox, oldest first."""
        with self.units() as uow:
            rows = uow.session.execute(
                select(outbox.c.body).where(outbox.c.type == event.type).order_by(outbox.c.position)
            )
            return [envelope.data_of(envelope.open_up(body), event) for body in rows.scalars()]

    def tick(self, timer: str) -> int:
        """Run that timer once."""
        (found,) = (t for t in self.service.timers if t.name == timer)
        return found.run(self.units)

    def unsealed(self, sealed: Sealed, service: str) -> str:
        return sealing.unseal(self.settings.seals[service], service, sealed)

    def sealed(self, plain: str, service: str) -> Sealed:
        return sealing.seal(self.settings.seals[service], service, plain)

    def everything_stored(self) -> str:
        """Every row of every table as text, for canaries."""
        with self.units() as uow:
            names = uow.session.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).scalars()
            return "\n".join(
                str(row) for name in names for row in uow.session.execute(text(f'SELECT * FROM "{name}"'))
            )


def delivery(event: Event, at: datetime, sequence: int = 1, user: str | None = None) -> Delivered:
    body = envelope.seal_up(event, new_id(), at, sequence, None)
    return Delivered(envelope.open_up(body, user), body.decode())
