"""The audit log: an entry is there with what it tells of, or neither; and the database refuses changes."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Row, select, text
from sqlalchemy.exc import DBAPIError

from chassis import audit, tables
from chassis.audit import chaining, verifying
from chassis.testing import ServiceUnderTest

WHO = audit.Actor("official", uuid4(), "H01")


@pytest.fixture
def service(postgres_url: str) -> Iterator[ServiceUnderTest]:
    with ServiceUnderTest.started("catalog", postgres_url) as started:
        yield started


def write(service: ServiceUnderTest, *abouts: str) -> None:
    with service.units() as uow:
        for about in abouts:
            audit.record(uow, WHO, "tested", uuid4(), about)


def entries(service: ServiceUnderTest) -> Sequence[Row[Any]]:
    with service.units() as uow:
        ordered = select(tables.audit).order_by(tables.audit.c.chain, tables.audit.c.position)
        return uow.session.execute(ordered).all()


def verified(service: ServiceUnderTest) -> verifying.Verified:
    with service.units.engine.connect() as connection:
        return verifying.verify(connection, "catalog", service.settings.index)


def test_an_entry_says_who_did_what_to_whose_data(service: ServiceUnderTest) -> None:
    whose = uuid4()
    with service.units() as uow:
        audit.record(uow, WHO, "dossier-refused", whose, "H01-260727-0001", {"status": 3})
    (row,) = entries(service)
    assert (row.kind, row.actor, row.agency) == ("official", WHO.account, "H01")
    assert (row.deed, row.whose, row.about, row.details) == (
        "dossier-refused",
        whose,
        "H01-260727-0001",
        '{"status":3}',
    )
    assert row.position == 1
    assert row.at == service.clock.now


def undo(service: ServiceUnderTest) -> None:
    with suppress(ZeroDivisionError), service.units() as uow:
        audit.record(uow, WHO, "tested", None, "undone")
        raise ZeroDivisionError


def test_what_was_undone_was_never_done(service: ServiceUnderTest) -> None:
    undo(service)
    with service.units() as uow:
        audit.record(uow, WHO, "tested", None, "stays")
        with suppress(ZeroDivisionError), uow.session.begin_nested():
            audit.record(uow, WHO, "tested", None, "undone")
            with uow.session.begin_nested():
                audit.record(uow, WHO, "tested", None, "undone with what is around it")
            raise ZeroDivisionError
        with uow.session.begin_nested():
            audit.record(uow, WHO, "tested", None, "stays, too")
    assert sorted(row.about for row in entries(service)) == ["stays", "stays, too"]
    assert not verified(service).faults


def test_entries_of_one_unit_stay_together_and_in_order(service: ServiceUnderTest) -> None:
    write(service, "a", "b", "c")
    rows = entries(service)
    assert [(row.position, row.about) for row in rows] == [(1, "a"), (2, "b"), (3, "c")]
    assert len({row.chain for row in rows}) == 1


def test_chains_have_no_gap_when_many_write_at_once(service: ServiceUnderTest) -> None:
    def work() -> None:
        for number in range(25):
            write(service, str(number))
            undo(service)

    workers = [threading.Thread(target=work) for _ in range(12)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    found = verified(service)
    assert found.entries == 300
    assert not found.faults
    assert sum(position for position, _ in found.heads.values()) == 300


def test_who_is_stopped_with_a_chain_in_its_hand_stops_nobody(service: ServiceUnderTest) -> None:
    with service.units.engine.connect() as stopped:
        for chain in range(chaining.CHAINS - 1):
            stopped.execute(text("SELECT pg_advisory_lock(:a, :b)"), {"a": chaining.HOLDING, "b": chain})
        write(service, "goes on")
        (row,) = entries(service)
        assert row.chain == chaining.CHAINS - 1
        stopped.execute(text("SELECT pg_advisory_unlock_all()"))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET about = 'x'", "DELETE FROM audit", "TRUNCATE audit", "UPDATE audit SET hash = hash"],
)
def test_the_database_refuses_to_change_the_log(service: ServiceUnderTest, statement: str) -> None:
    write(service, "a")
    with service.units.engine.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text(statement))
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)
    assert [row.about for row in entries(service)] == ["a"]


def test_a_log_of_another_service_is_not_this_ones(service: ServiceUnderTest) -> None:
    write(service, "a", "b")
    with service.units.engine.connect() as connection:
        found = verifying.verify(connection, "dossier", service.settings.index)
    assert [fault.what for fault in found.faults] == ["changed", "changed"]
