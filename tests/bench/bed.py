"""What the bench programs stand on: real servers, a speaker's outbox, a subscriber that counts."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
from kombu import Connection
from sqlalchemy import ARRAY, Column, Engine, Integer, String, Table, any_, bindparam, select, update

from chassis import envelope, tables, worker
from chassis.bus import Outgoing, topology
from chassis.bus.amqp import AmqpBus
from chassis.db import new_id, new_metadata, open_engine, registry_for
from chassis.handling import loading
from chassis.service import Service
from chassis.testing import fresh_database, test_settings
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.dossier import DossierSubmitted
from contracts.event import Event, Name
from tests import servers

EVENTS_OF_ONE_DOSSIER = 4
APPLICANT = UUID("0198c3f0-0000-7000-8000-000000000001")
AGENCY_NAME = Name(vi="Uỷ ban nhân dân thành phố Hà Nội", en="People's Committee of Hanoi")
PROCEDURE_NAME = Name(
    vi="Đăng ký thành lập doanh nghiệp tư nhân", en="Registration of a private enterprise's foundation"
)

metadata = new_metadata()
counts = Table(
    "counts", metadata, Column("code", String(60), primary_key=True), Column("n", Integer, nullable=False)
)
dossiers = Table(
    "dossiers",
    metadata,
    Column("code", String(60), primary_key=True),
    Column("agency", String(20), nullable=False),
    Column("n", Integer, nullable=False),
)


class Dossier:
    """An aggregate that notices what happens to it."""

    code: str
    agency: str
    n: int

    def note(self) -> None:
        self.n += 1


registry_for(metadata).map_imperatively(Dossier, dossiers)


_one_more = update(counts).where(counts.c.code == bindparam("dossier")).values(n=counts.c.n + 1)


def count(uow: UnitOfWork, event: DossierSubmitted) -> None:
    """The counting reaction in Core: a repeat would show."""
    uow.write(_one_more, dossier=event.code)


def count_at_once(uow: UnitOfWork, event: DossierSubmitted) -> None:
    """The same with a statement made and executed for each event."""
    row = update(counts).where(counts.c.code == event.code)
    uow.session.execute(row.values(n=counts.c.n + 1))


_held = (
    select(Dossier)
    .where(dossiers.c.code == any_(bindparam("codes", type_=ARRAY(String))))
    .order_by(dossiers.c.code)
    .with_for_update()
)


def dossiers_of(uow: UnitOfWork, events: Sequence[DossierSubmitted]) -> dict[str, Dossier]:
    """Held, as a command would: nobody else changes them meanwhile."""
    found = uow.session.scalars(_held, {"codes": list({event.code for event in events})})
    return {dossier.code: dossier for dossier in found}


@loading(dossiers_of)
def note(uow: UnitOfWork, event: DossierSubmitted, dossiers: Mapping[str, Dossier]) -> None:
    """The same with an aggregate of the ORM."""
    dossiers[event.code].note()


def note_one(uow: UnitOfWork, event: DossierSubmitted) -> None:
    """The same with each aggregate loaded by itself."""
    dossiers_of(uow, [event])[event.code].note()


SPEAKER = Service("speaker", metadata, announces=[DossierSubmitted])
SUBSCRIBER = Service("bench", metadata, reactions={DossierSubmitted: [count]})
QUEUE = "bench.events"
TOPICS = worker.topics([SUBSCRIBER])
DOORS = worker.doors([SPEAKER])


@dataclass(frozen=True)
class Bed:
    """`postgres_url` is a superuser's; the broker at `amqp_url` is nobody else's."""

    postgres_url: str
    amqp_url: str


@contextmanager
def started() -> Iterator[Bed]:
    """Both servers, started privately; PostgreSQL waits for the disk as in production."""
    # What ends this takes its servers with it, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    postgres, rabbitmq = servers.postgres(as_in_production=True), servers.rabbitmq()
    try:
        postgres.start()
        rabbitmq.start()
        yield Bed(postgres.url, rabbitmq.url)
    finally:
        rabbitmq.remove()
        postgres.remove()


@contextmanager
def database(bed: Bed) -> Iterator[Engine]:
    """One service's, with the tables of every service and those of the subscriber that counts."""
    engine = open_database(make_database(bed))
    try:
        yield engine
    finally:
        engine.dispose()


def make_database(bed: Bed) -> str:
    """Its URL."""
    url = fresh_database(bed.postgres_url, f"bench_{uuid4().hex[:8]}")
    engine = open_database(url)
    tables.metadata.create_all(engine)
    metadata.create_all(engine)
    engine.dispose()
    return url


def open_database(url: str) -> Engine:
    return open_engine(url, "bench")


def units_of(engine: Engine, after_commit: Callable[[], None] = lambda: None) -> UnitsOfWork:
    url = engine.url.render_as_string(hide_password=False)
    return UnitsOfWork(engine, test_settings("notify", url), after_commit=after_commit)


def submitted(number: int) -> DossierSubmitted:
    now = datetime.now(UTC)
    return DossierSubmitted(
        code=f"H01-261126-{number:08d}",
        agency="H01",
        agency_name=AGENCY_NAME,
        procedure="1.001193",
        procedure_name=PROCEDURE_NAME,
        applicant=APPLICANT,
        status=1,
        version=1,
        at=now,
        answer_due_at=now,
        due_at=now,
    )


@dataclass(frozen=True)
class Sealed:
    """An event with its envelope, as it lies in the outbox and on the broker."""

    id: UUID
    event: Event
    sequence: int
    body: bytes


def sealed_events(number: int) -> list[Sealed]:
    """Of number / 4 dossiers in turn, so that those of one are far apart."""
    dossiers_of_them = max(number // EVENTS_OF_ONE_DOSSIER, 1)
    return [_sealed(n % dossiers_of_them, n // dossiers_of_them + 1) for n in range(number)]


def _sealed(dossier: int, sequence: int) -> Sealed:
    event, id = submitted(dossier), new_id()
    trace = f"00-{uuid4().hex}-{uuid4().hex[:16]}-01"
    return Sealed(id, event, sequence, envelope.seal_up(event, id, datetime.now(UTC), sequence, trace))


def outgoing(events: Sequence[Sealed]) -> list[Outgoing]:
    return [
        Outgoing(
            str(sealed.id),
            sealed.event.type,
            topology.routing_key(sealed.event.type, sealed.event.subject),
            sealed.body,
        )
        for sealed in events
    ]


def fill_outbox(engine: Engine, events: Sequence[Sealed]) -> None:
    """Instead of what was there; `analyze` as autovacuum does after such a change."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE outbox")
        copy = "COPY outbox (event_id, subject, sequence, type, body, recorded_at) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(copy) as rows:
            for sealed in events:
                said = sealed.event
                now = datetime.now(UTC)
                rows.write_row(
                    (sealed.id, said.subject, sealed.sequence, said.type, sealed.body.decode(), now)
                )
        connection.execute("VACUUM ANALYZE outbox")


def fill_subscriber(engine: Engine, events: Sequence[Sealed]) -> None:
    """Rows to count in, all at 0, and an empty inbox."""
    codes = [{"code": code, "agency": "H01", "n": 0} for code in sorted({s.event.subject for s in events})]
    with engine.begin() as connection:
        for table in (tables.inbox, counts, dossiers):
            connection.execute(table.delete())
        connection.execute(counts.insert(), [{"code": row["code"], "n": 0} for row in codes])
        connection.execute(dossiers.insert(), codes)


def bus_of(bed: Bed) -> AmqpBus:
    return AmqpBus(bed.amqp_url, TOPICS, DOORS)


@contextmanager
def broker(bed: Bed) -> Iterator[Connection]:
    """kombu's own connection, as it comes; the queue is there, bound and empty."""
    connection = Connection(bed.amqp_url)
    try:
        channel = connection.default_channel
        topology.declare(channel, DOORS)
        topology.declare_events(channel, QUEUE)
        topology.bind(channel, QUEUE, topology.binding_keys(DossierSubmitted.type, TOPICS[QUEUE]))
        channel.queue_purge(QUEUE)
        yield connection
    finally:
        connection.close()
