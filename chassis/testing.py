"""For tests of any service: it runs whole, on a real PostgreSQL, with a clock that can be moved."""

import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from psycopg import sql
from sqlalchemy import make_url, select, text

from chassis import envelope, logs, migrate, sealing
from chassis import service as services
from chassis.app import create_api
from chassis.auth import AUDIENCE, Verifier
from chassis.consumer import Consumer, Delivered, Handler, handlers_of
from chassis.db import new_id, open_engine
from chassis.service import Service
from chassis.settings import KeyRing, Settings
from chassis.tables import outbox, parking
from chassis.unit_of_work import UnitsOfWork
from contracts.event import Event, Sealed

PUBLIC_URL = "http://127.0.0.1:8000"
E = TypeVar("E", bound=Event)
logs.configure("test")

SIGNING_KEY = ECKey.generate_key("P-256", {"kid": "test"})


class Clock:
    def __init__(self, at: datetime) -> None:
        self.now = at

    def __call__(self) -> datetime:
        return self.now

    def timestamp(self) -> float:
        return self.now.timestamp()

    def move(self, by: timedelta) -> None:
        self.now += by


class TestKeys:
    """What identity's JWKS would answer."""

    __test__ = False

    def keys(self, kid: str | None) -> KeySet:
        return KeySet([SIGNING_KEY])


def ring(name: str) -> KeyRing:
    return KeyRing({f"{name}-1": (name.encode() * 32)[:32]})


def test_settings(service: str, database_url: str, amqp_url: str | None = None) -> Settings:
    return Settings(
        service=service,
        database_url=database_url,
        amqp_url=amqp_url,
        jwks_url="http://127.0.0.1:9/jwks",
        public_url=PUBLIC_URL,
        master=ring(service),
        index=b"index-key-of-the-tests-32-bytes!",
        seals={name: ring(f"seal-{name}") for name in services.names()},
        pool_size=40,
    )


test_settings.__test__ = False  # type: ignore[attr-defined]


def settings_environment(settings: Settings) -> dict[str, str]:
    """The same settings as the environment of a process."""

    def dump(keys: KeyRing) -> str:
        return "{" + ",".join(f'"{k}":"{b64encode(v).decode()}"' for k, v in keys.keys.items()) + "}"

    upper = settings.service.upper()
    return {
        f"{upper}_DATABASE_URL": settings.database_url,
        f"{upper}_MASTER_KEYS": dump(settings.master),
        f"{upper}_INDEX_KEY": b64encode(settings.index).decode(),
        "SEAL_KEYS": "{" + ",".join(f'"{n}":{dump(r)}' for n, r in settings.seals.items()) + "}",
    }


def fresh_database(server_url: str, name: str) -> str:
    """A new, empty database on the server; its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


_migrated: dict[tuple[str, str], str] = {}


def migrated_database(server_url: str, service: str) -> str:
    """The service's database for this test run; migrated once, emptied at every call."""
    if (server_url, service) not in _migrated:
        url = fresh_database(server_url, f"test_{service}_{uuid4().hex[:8]}")
        migrate.upgrade(service, url)
        _migrated[server_url, service] = url
    url = _migrated[server_url, service]
    empty(url)
    return url


def empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(row[0]) for row in rows)
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))


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
    ) -> Iterator["ServiceUnderTest"]:
        """`at` stands still until moved; default is now."""
        url = migrated_database(server_url, name)
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
        for door in self.service.doors:
            if door.event is event:
                handler = Handler(door.reaction.__name__, door.event, door.reaction)
                return Consumer(self.service.name, [handler], self.units)
        return self.consumer

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


def access_token(kind: str, account: UUID | None, now: int | None = None, **claims: Any) -> str:
    """Signed with the key that `TestKeys` answers."""
    at = now or int(time.time())
    payload = {
        "iss": PUBLIC_URL,
        "aud": AUDIENCE,
        "sub": str(account or uuid4()),
        "kind": kind,
        "acr": "medium",
        "sid": str(uuid4()),
        "iat": at,
        "exp": at + 600,
    }
    return jwt.encode({"alg": "ES256", "kid": "test"}, payload | claims, SIGNING_KEY)
