"""The broker is away, goes away, is short of memory, or is not who it should be: on a broker of its own."""

import logging
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from traceback import format_exception
from urllib.parse import quote, urlsplit

import pytest

from motcua_agency import Agency, Event, UnconfirmedError
from motcua_agency.backoff import BackOff
from tests import servers
from tests.conftest import Say, running
from tests.sdk.broker import CODE, DOSSIER, Broker, Memory, broker
from tests.servers import tls
from tests.system.portal import eventually

SECRET = "s3cr3t/with@odd:signs"
ACCOUNT = "agency-T99_1"


@pytest.fixture(scope="module")
def server(say: Say) -> Iterator[servers.RabbitMQ]:
    with running(servers.rabbitmq(), say) as made:
        made.control("add_user", ACCOUNT, SECRET)
        made.control("set_permissions", "-p", "/", ACCOUNT, ".*", ".*", ".*")
        yield made


@pytest.fixture(autouse=True)
def nothing_tells_the_secret(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    for secret in (SECRET, quote(SECRET, safe=""), "s3cr3t"):
        assert secret not in caplog.text


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that is back is found again within two seconds, not thirty."""
    monkeypatch.setattr("motcua_agency.link.BackOff", partial(BackOff, most=2.0))


def as_agency(url: str, password: str = SECRET) -> str:
    """The same place, entered with the agency's account."""
    place = urlsplit(url).netloc.rpartition("@")[2]
    return f"{urlsplit(url).scheme}://{ACCOUNT}:{quote(password, safe='')}@{place}{urlsplit(url).path}"


@pytest.fixture
def office(server: servers.RabbitMQ) -> Iterator[Broker]:
    with broker(as_agency(server.url)) as made:
        yield made


def ignore(_event: Event) -> None:
    pass


def test_an_office_that_opens_before_its_broker_is_there_says_so_and_waits(server: servers.RabbitMQ) -> None:
    server.stop()
    heard: list[Event] = []
    with Agency(CODE, as_agency(server.url), Memory()).consuming(heard.append) as agency:
        begun = time.monotonic()
        with pytest.raises(UnconfirmedError, match="cannot be reached"):
            agency.decide(DOSSIER, "accept", 4, timeout=1.5)
        assert time.monotonic() - begun < 3
        server.start()
        with broker(as_agency(server.url)) as portal:
            told = portal.tell()
            assert agency.decide(DOSSIER, "accept", 4).wait() == 5
            eventually(lambda: told.id in [event.id for event in heard])


def test_a_broker_that_dies_at_the_worst_moment_loses_neither_event_nor_decision_nor_outcome(
    server: servers.RabbitMQ,
) -> None:
    """The handler is in the middle of an event; one decision waits for its confirm, one for its outcome."""
    before = opened(server)
    first, second = before.tell(1), before.tell(2)
    inside, go_on = threading.Event(), threading.Event()
    heard: list[Event] = []

    def handle(event: Event) -> None:
        inside.set()
        assert go_on.wait(120)
        heard.append(event)

    with before.agency(Memory()).consuming(handle) as agency, ThreadPoolExecutor() as pool:
        assert inside.wait(20)
        leave(before)
        unanswered = agency.decide(DOSSIER, "accept", 1)
        before.at_the("ack", times=9, from_consumer=False, action="drop")
        unconfirmed = pool.submit(lambda: agency.decide(DOSSIER, "accept", 2, timeout=120).wait(120))
        waiting = pool.submit(unanswered.wait, 120)
        eventually(lambda: before.said("publish") == 2)
        server.kill()
        before.at_the("ack", times=0)
        server.start()
        with broker(as_agency(server.url)) as after:
            after.portal._position = before.portal._position
            go_on.set()
            assert waiting.result(120) == 2
            assert unconfirmed.result(120) == 3
            eventually(lambda: len(heard) >= 4)
            assert {taken.expected_version for taken in after.portal.taken} == {1, 2}
    before.proxy.refuse()
    assert [event.id for event in heard][:2] == [first.id, second.id]
    assert len({event.id for event in heard}) == len(heard)


def opened(server: servers.RabbitMQ) -> Broker:
    """With queues old enough to be found again after a kill: see test_servers."""
    made = Broker(as_agency(server.url))
    made.portal.open()
    time.sleep(3)
    return made


def leave(office: Broker) -> None:
    """The portal's side goes; the queues stay."""
    portal = office.portal
    portal._answering.add_callback_threadsafe(portal._answers.stop_consuming)
    portal._thread.join(10)
    portal._answering.close()
    portal._connection.close()


@contextmanager
def alarm(server: servers.RabbitMQ) -> Iterator[None]:
    server.control("set_vm_memory_high_watermark", "0")
    try:
        yield
    finally:
        server.control("set_vm_memory_high_watermark", "0.4")


def test_a_broker_short_of_memory_takes_no_decision_and_says_so_in_time_and_events_go_on(
    server: servers.RabbitMQ, office: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motcua_agency.address.BLOCKED_SECONDS", 1.0)
    told = [office.tell(version) for version in (1, 2, 3)]
    alarmed = threading.Event()
    heard: list[Event] = []

    def handle(event: Event) -> None:
        assert alarmed.wait(30)
        heard.append(event)

    with office.agency(Memory()).consuming(handle) as agency:
        with alarm(server):
            begun = time.monotonic()
            with pytest.raises(UnconfirmedError, match="memory or disk alarm"):
                agency.decide(DOSSIER, "accept", 1, timeout=4)
            assert time.monotonic() - begun < 6
            alarmed.set()
            eventually(lambda: office.said("ack") == 3)
            assert [event.id for event in heard] == [one.id for one in told]
            assert not office.portal.taken
        assert agency.decide(DOSSIER, "accept", 1).wait() == 2
    assert {taken.decision_id for taken in office.portal.taken} == {str(agency_id(heard))}


def agency_id(heard: list[Event]) -> object:
    """Of the one decision that was answered, however often it was sent."""
    (found,) = {event.data["decision_id"] for event in heard if "decision_id" in event.data}
    return found


def test_events_and_decisions_travel_over_tls_from_an_authority_of_ones_own(
    server: servers.RabbitMQ, office: Broker
) -> None:
    trusting = ssl.create_default_context(cafile=server.tls.ca)
    heard: list[Event] = []
    told = office.tell(3)
    with Agency(CODE, as_agency(server.tls.url), Memory(), tls=trusting).consuming(heard.append) as agency:
        assert agency.decide(DOSSIER, "accept", 3).wait() == 4
        eventually(lambda: told.id in [event.id for event in heard])
    assert {taken.user_id for taken in office.portal.taken} == {ACCOUNT}


@pytest.mark.parametrize(
    ("authority", "host", "why"),
    [
        ("this machine's", tls.HOST, "certificate was refused: self-signed certificate in certificate chain"),
        ("another", tls.HOST, "certificate was refused: .*(self-signed|signature|issuer)"),
        ("its own", "127.0.0.1", "certificate was refused: IP address mismatch"),
    ],
)
def test_a_broker_that_is_not_who_it_should_be_is_told_nothing(
    server: servers.RabbitMQ, office: Broker, tmp_path: Path, authority: str, host: str, why: str
) -> None:
    known = {"this machine's": None, "another": tls.write(tmp_path), "its own": server.tls.ca}[authority]
    trusting = ssl.create_default_context(cafile=known) if known else None
    address = as_agency(server.tls.url).replace(f"@{tls.HOST}:", f"@{host}:")
    office.tell()
    heard: list[Event] = []
    agency = Agency(CODE, address, tls=trusting)
    with agency.consuming(heard.append), pytest.raises(UnconfirmedError, match=why):
        agency.decide(DOSSIER, "accept", 3, timeout=1)
    assert not heard
    assert not office.portal.taken


def test_a_wrong_password_is_named_as_such(server: servers.RabbitMQ, office: Broker) -> None:
    agency = Agency(CODE, as_agency(server.url, "s3cr3t of another"))
    with pytest.raises(UnconfirmedError, match="knows no such account and password") as refused:
        agency.decide(DOSSIER, "accept", 3, timeout=1)
    agency.close()
    assert "s3cr3t" not in f"{''.join(format_exception(refused.value))}{agency!r}{vars(agency)}"


@pytest.mark.parametrize(
    "url",
    [
        "amqps://agency-T99_1:s3cr3t/unquoted@broker.example/",
        "amqps://agency-T99_1:s3cr3t#unquoted@broker.example/",
        "amqps://s3cr3t@broker.example/",
        "amqps://agency-T99_1:s3cr3t@[broker.example/",
        "agency-T99_1:s3cr3t@broker.example",
        "amqps://agency-T99_1:s3cr3t@broker.example/?heartbeat=s3cr3t",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="percent-encoded") as refused:
        Agency(CODE, url)
    assert "s3cr3t" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_an_authority_for_an_address_without_tls_is_an_error_and_not_ignored() -> None:
    with pytest.raises(ValueError, match="amqps"):
        Agency(CODE, "amqp://a:b@127.0.0.1/", tls=ssl.create_default_context())
