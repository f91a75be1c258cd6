"""What is sealed for one service, what is protected for one person, and what is blanked once sent."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from chassis import personal, relay, sealing, subscriptions, tables
from chassis.bus import BusAway, Outgoing, at_rest
from chassis.db import open_engine
from chassis.settings import KeyRing
from chassis.tables import data_keys, outbox
from chassis.testing import fresh_database, test_settings
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.event import Sealed
from contracts.identity import CodeRequested

PHONE, CODE = "0912000017", "493817"


@pytest.fixture
def units(postgres_url: str) -> Iterator[UnitsOfWork]:
    url = fresh_database(postgres_url, "test_chassis_secrets")
    engine = open_engine(url, "test")
    tables.metadata.create_all(engine)
    yield UnitsOfWork(engine, test_settings("identity", url))
    engine.dispose()


class Carrier:
    """A publisher that keeps what it was given, or refuses."""

    def __init__(self, away: bool = False) -> None:
        self.away = away
        self.sent: list[Outgoing] = []

    def publish(self, window: Sequence[Outgoing], meanwhile: Callable[[], None] = at_rest) -> None:
        meanwhile()
        if self.away:
            raise BusAway("gone")
        self.sent += window

    def keep_alive(self) -> None:
        """Nothing is open."""

    close = keep_alive

    def is_there(self, _queue: str) -> bool:
        return False

    def fill(self, queue: str, window: Sequence[Outgoing]) -> None:
        raise AssertionError(queue, window)

    def bind(self, queue: str, types: Sequence[str]) -> None:
        raise AssertionError(queue, types)

    withhold = bind


def ask_for_a_code(units: UnitsOfWork) -> None:
    with units() as uow:
        uow.emit(
            CodeRequested(
                request=uuid4(),
                purpose="login",
                phone=uow.seal(PHONE, "notify"),
                code=uow.seal(CODE, "notify"),
                language="vi",
                expires_at=uow.now() + timedelta(minutes=5),
            )
        )


def bodies(units: UnitsOfWork) -> list[str]:
    with units() as uow:
        return list(uow.session.execute(select(outbox.c.body)).scalars())


def pump(units: UnitsOfWork, carrier: Carrier) -> int:
    with units.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return relay.pump(connection, carrier, "identity", subscriptions.state(connection))


def test_a_code_travels_sealed_and_is_blanked_in_the_outbox_once_it_was_sent(units: UnitsOfWork) -> None:
    ask_for_a_code(units)
    (before,) = bodies(units)
    assert PHONE not in before
    assert CODE not in before
    carrier = Carrier()
    assert pump(units, carrier) == 1
    assert carrier.sent[0].body.decode() == before
    (after,) = bodies(units)
    assert '"box":""' in after
    assert pump(units, carrier) == 0


def test_what_could_not_be_sent_keeps_its_code_for_the_next_try(units: UnitsOfWork) -> None:
    ask_for_a_code(units)
    (before,) = bodies(units)
    with pytest.raises(BusAway):
        pump(units, Carrier(away=True))
    assert bodies(units) == [before]
    assert pump(units, Carrier()) == 1


def test_only_the_service_it_is_sealed_for_opens_it() -> None:
    ring = KeyRing({"k1": b"1" * 32})
    sealed = sealing.seal(ring, "notify", CODE)
    assert sealing.unseal(ring, "notify", sealed) == CODE
    with pytest.raises(ValueError, match="another key"):
        sealing.unseal(ring, "dossier", sealed)
    with pytest.raises(ValueError, match="another key"):
        sealing.unseal(KeyRing({"k1": b"2" * 32}), "notify", sealed)
    with pytest.raises(ValueError, match="no key"):
        sealing.unseal(ring, "notify", Sealed("", ""))


def test_after_a_key_is_renewed_the_old_one_still_opens() -> None:
    old = sealing.seal(KeyRing({"k1": b"1" * 32}), "notify", CODE)
    both = KeyRing({"k2": b"2" * 32, "k1": b"1" * 32})
    assert sealing.unseal(both, "notify", old) == CODE
    assert sealing.seal(both, "notify", CODE).kid == "k2"


def test_what_is_protected_for_one_person_cannot_be_read_as_anothers(units: UnitsOfWork) -> None:
    an, khoi = uuid4(), uuid4()
    with units() as uow:
        protected = uow.protect(an, PHONE)
        uow.protect(khoi, PHONE)
        assert PHONE.encode() not in protected
        assert uow.reveal(an, protected) == PHONE
        with pytest.raises(ValueError, match="another key"):
            uow.reveal(khoi, protected)


def test_destroying_a_persons_key_makes_their_data_unreadable_for_ever(units: UnitsOfWork) -> None:
    an = uuid4()
    with units() as uow:
        protected = uow.protect(an, PHONE)
    with units() as uow:
        personal.erase(uow.session, an)
    with units() as uow, pytest.raises(LookupError):
        uow.reveal(an, protected)
    with units() as uow:
        assert uow.session.execute(select(data_keys)).all() == []


def test_a_key_read_with_others_is_not_used_once_it_is_destroyed(units: UnitsOfWork) -> None:
    an = uuid4()
    with units() as uow:
        protected = uow.protect(an, PHONE)
    with units() as uow:
        uow.fetch_keys([an])
        assert uow.reveal(an, protected) == PHONE
        personal.erase(uow.session, an)
        with pytest.raises(LookupError):
            uow.reveal(an, protected)


def test_a_key_made_in_a_savepoint_that_is_undone_protects_nothing(units: UnitsOfWork) -> None:
    """It is stored nowhere: what it protected nobody would ever read."""
    an = uuid4()

    def undone(uow: UnitOfWork) -> None:
        with uow.session.begin_nested():
            uow.protect(an, "made")
            uow.fetch_keys([an])
            raise ValueError("no")

    with units() as uow:
        with pytest.raises(ValueError, match="no"):
            undone(uow)
        protected = uow.protect(an, PHONE)
    with units() as uow:
        assert uow.reveal(an, protected) == PHONE


def test_an_index_finds_equal_texts_and_tells_nothing_without_its_key(units: UnitsOfWork) -> None:
    with units() as uow:
        assert uow.index(PHONE) == uow.index(PHONE)
        assert uow.index(PHONE) != uow.index("0912000018")
    assert personal.index(b"another key", PHONE) != personal.index(units.settings.index, PHONE)


def test_events_of_one_aggregate_are_numbered_without_gap_or_double(units: UnitsOfWork) -> None:
    request = uuid4()
    for _ in range(3):
        with units() as uow:
            sealed = uow.seal("x", "notify")
            uow.emit(
                CodeRequested(
                    request=request,
                    purpose="login",
                    phone=sealed,
                    code=sealed,
                    language="en",
                    expires_at=datetime.now(UTC),
                )
            )
    with units() as uow:
        rows = uow.session.execute(select(outbox.c.subject, outbox.c.sequence).order_by(outbox.c.position))
        assert [tuple(row) for row in rows] == [(str(request), number) for number in (1, 2, 3)]
