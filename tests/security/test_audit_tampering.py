"""500 random tamperings by somebody who owns the database: each is found, and where it begins is said."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import Connection, delete, insert, text

from chassis import audit
from chassis.audit import anchoring, verifying
from chassis.audit.verifying import Anchor, Verified
from chassis.tables import audit as table
from chassis.testing import ServiceUnderTest
from tests.conftest import Say
from tests.security.tampering import Rows, Tamperer, rows_of, ways

TAMPERINGS, HONEST = 500, 100


@dataclass
class Log:
    """`anchors`: what the workers' log said of it, both times."""

    service: ServiceUnderTest
    older: Rows
    otherwise: Rows
    rows: Rows
    anchors: list[Anchor]

    def verify(self, connection: Connection) -> Verified:
        return verifying.verify(connection, "catalog", self.service.settings.index, self.anchors)


@pytest.fixture
def log(postgres_url: str) -> Iterator[Log]:
    chance = random.Random(1)
    with ServiceUnderTest.started("catalog", postgres_url) as service:
        add(service, chance, 60)
        older, anchors = read(service), told(service)
        add(service, chance, 60)
        otherwise = read(service)
        put_back(service, older)
        add(service, chance, 60)
        yield Log(service, older, otherwise, read(service), [*anchors, *told(service)])


def read(service: ServiceUnderTest) -> Rows:
    with service.units.engine.connect() as connection:
        return rows_of(connection)


def told(service: ServiceUnderTest) -> list[Anchor]:
    with service.units.engine.connect() as connection:
        line = anchoring.line_of("catalog", verifying.heads(connection))
    return list(anchoring.read([f"catalog-worker-1 | {line}"]))


def put_back(service: ServiceUnderTest, rows: Rows) -> None:
    with service.units.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(delete(table))
        connection.execute(insert(table), [dict(row) for row in rows])


def add(service: ServiceUnderTest, chance: random.Random, count: int) -> None:
    for number in range(count):
        who = audit.Actor("official", UUID(int=chance.getrandbits(128)), "H01")
        whose = UUID(int=chance.getrandbits(128)) if number % 3 else None
        with service.units() as uow:
            audit.record(uow, who, "tested", whose, f"H01-{number}", {"number": number})


def test_500_random_tamperings_are_all_found(log: Log, say: Say) -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance, done = random.Random(seed), Counter[str]()
    with log.service.units.engine.connect() as connection:
        for number in range(TAMPERINGS):
            connection.rollback()
            possible = ways(Tamperer(connection, log.rows, log.older, log.otherwise, chance))
            way = possible[number % len(possible)]
            chain, position = way()
            found = {(fault.chain, fault.position) for fault in log.verify(connection).faults}
            assert (chain, position) in found, (seed, number, way.__name__, chain, position, found)
            done[way.__name__] += 1
        connection.rollback()
    say(f"audit: {done.total()} of {TAMPERINGS} tamperings found, in {len(done)} ways; seed {seed}")


def test_an_honest_log_is_never_called_tampered_with(log: Log, say: Say) -> None:
    chance = random.Random(2)
    for _ in range(HONEST):
        add(log.service, chance, 1)
        with log.service.units.engine.connect() as connection:
            assert log.verify(connection).faults == []
    say(f"audit: 0 of {HONEST} honest logs called tampered with")


def test_without_what_was_told_a_cut_tail_is_not_seen(log: Log) -> None:
    """What heads are told for: this is the one thing that the chain alone does not show."""
    log.anchors.clear()
    with log.service.units.engine.connect() as connection:
        Tamperer(connection, log.rows, log.older, log.otherwise, random.Random(3)).put_the_older_table_back()
        assert log.verify(connection).faults == []
