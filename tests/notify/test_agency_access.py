"""On a real RabbitMQ: what an agency's account may do, and everything it may not."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import pika
import pytest
import urllib3
from click.testing import CliRunner, Result
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, ProbableAuthenticationError

from chassis.testing import ServiceUnderTest, settings_environment
from contracts.catalog import AgencyPublished
from contracts.dossier import DossierAccepted, DossierSubmitted
from contracts.event import Name
from services.notify.adapters import Ports
from services.notify.adapters.agency_bus import AgencyBus
from services.notify.cli import agency
from services.notify.model.agency import Access
from tests.notify.builders import about_dossier, registered

SHORT, LONG = "H55.24", "H55.242"
Connect = Callable[..., Result]


@pytest.fixture(scope="module")
def vhost(rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[str]:
    with own_vhost(rabbitmq_url, rabbitmq_management_url) as url:
        yield url


@contextmanager
def own_vhost(rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[str]:
    """Its AMQP URL."""
    name = f"agencies-{uuid4().hex[:8]}"
    administrator = urlsplit(rabbitmq_url).username
    call(rabbitmq_management_url, "PUT", f"vhosts/{name}")
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    call(rabbitmq_management_url, "PUT", f"permissions/{name}/{administrator}", everything)
    yield urlunsplit(urlsplit(rabbitmq_url)._replace(path=f"/{name}"))
    call(rabbitmq_management_url, "DELETE", f"vhosts/{name}")


def call(url: str, method: str, path: str, body: object = None) -> int:
    parts = urllib3.util.parse_url(url)
    headers = {"Content-Type": "application/json"}
    headers |= urllib3.util.make_headers(basic_auth=parts.auth)
    bare = parts._replace(auth=None).url.rstrip("/")
    content = json.dumps(body) if body is not None else None
    return urllib3.request(method, f"{bare}/api/{path}", body=content, headers=headers).status


def operator(sut: ServiceUnderTest, vhost: str, management_url: str) -> Connect:
    """Runs `motcua agency connect <code>`, with changes to its environment."""
    usual = {
        **settings_environment(sut.settings),
        "JWKS_URL": sut.settings.jwks_url,
        "PUBLIC_URL": sut.settings.public_url,
        "AMQP_URL": vhost,
        "RABBITMQ_MANAGEMENT_URL": management_url,
    }
    for code in (SHORT, LONG):
        sut.hear(AgencyPublished(code=code, name=Name("UBND", "Office"), level="commune"))
    return lambda code, **changes: CliRunner().invoke(agency, ["connect", code], env=usual | changes)


@pytest.fixture
def connected(
    notify: ServiceUnderTest, vhost: str, rabbitmq_management_url: str, monkeypatch: pytest.MonkeyPatch
) -> Connect:
    monkeypatch.setattr(notify.units, "ports", Ports(agencies=AgencyBus(vhost)))
    notify.hear(registered(notify))
    return operator(notify, vhost, rabbitmq_management_url)


@pytest.fixture
def password(connected: Connect, vhost: str) -> str:
    """Of H55.24, while H55.242 is connected too; both queues are empty."""
    words = {code: said(connected(code), "password") for code in (SHORT, LONG)}
    for code in words:
        everything_in(vhost, Access(code).queue)
    return words[SHORT]


@pytest.fixture(scope="module")
def account(postgres_url: str, rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[tuple[str, str]]:
    """A virtual host of its own and the password of H55.24 there, for deeds that should change nothing."""
    with own_vhost(rabbitmq_url, rabbitmq_management_url) as vhost:
        with ServiceUnderTest.started("notify", postgres_url, ports=Ports()) as sut:
            connect = operator(sut, vhost, rabbitmq_management_url)
            words = {code: said(connect(code), "password") for code in (SHORT, LONG)}
        yield vhost, words[SHORT]


def said(result: Result, name: str) -> str:
    assert result.exit_code == 0, result.output
    lines = dict(line.split(": ", 1) for line in result.output.splitlines())
    return lines[name]


@contextmanager
def channel(vhost: str, password: str, code: str = SHORT) -> Iterator[BlockingChannel]:
    parts = urlsplit(vhost)
    login = pika.PlainCredentials(Access(code).account, password)
    where = pika.ConnectionParameters(parts.hostname, parts.port, parts.path[1:], login)
    connection = pika.BlockingConnection(where)
    try:
        opened = connection.channel()
        opened.confirm_delivery()
        yield opened
    finally:
        if connection.is_open:
            connection.close()


def everything_in(vhost: str, queue: str) -> list[dict[str, object]]:
    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    opened = connection.channel()
    found = []
    while (got := opened.basic_get(queue, auto_ack=True))[0]:
        found.append(json.loads(got[2]))
    connection.close()
    return found


def serve(notify: ServiceUnderTest) -> None:
    while notify.tick("serve-agencies"):
        pass


def test_an_agency_reads_its_own_log_and_writes_its_own_decisions(
    notify: ServiceUnderTest, password: str, vhost: str
) -> None:
    notify.hear(about_dossier(notify, DossierSubmitted, agency=SHORT))
    notify.hear(about_dossier(notify, DossierAccepted, agency=LONG, code="H55.242-261123-0001"))
    serve(notify)
    with channel(vhost, password) as opened:
        method, properties, body = opened.basic_get("agency.H55_24", auto_ack=True)
        assert method.routing_key == "H55_24.dossier.submitted"
        assert properties.content_type == "application/cloudevents+json"
        event = json.loads(body)
        assert (event["position"], event["data"]["agency"]) == (1, SHORT)
        assert opened.basic_get("agency.H55_24")[0] is None, "nothing of H55.242"
        assert len(everything_in(vhost, "agency.H55_242")) == 1
        identity = pika.BasicProperties(user_id="agency-H55_24")
        with bound_decisions(vhost) as queue:
            opened.basic_publish("motcua.decisions", "H55_24.decision", b"{}", identity, mandatory=True)
            assert everything_in(vhost, queue) == [{}]


@contextmanager
def bound_decisions(vhost: str) -> Iterator[str]:
    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    opened = connection.channel()
    queue = f"decisions-{uuid4().hex}"
    opened.queue_declare(queue)
    opened.queue_bind(queue, "motcua.decisions", "#")
    yield queue
    opened.queue_delete(queue)
    connection.close()


def forged(channel: BlockingChannel) -> None:
    properties = pika.BasicProperties(user_id="agency-H55_242")
    channel.basic_publish("motcua.decisions", "H55_24.decision", b"{}", properties)


def write(exchange: str, key: str) -> Callable[[BlockingChannel], None]:
    return lambda channel: channel.basic_publish(exchange, key, b"{}")


FORBIDDEN: dict[str, Callable[[BlockingChannel], object]] = {
    "make a queue": lambda c: c.queue_declare("agency.H55_24.more"),
    "make a queue without a name": lambda c: c.queue_declare(""),
    "make an exchange": lambda c: c.exchange_declare("motcua.own"),
    "delete its queue": lambda c: c.queue_delete("agency.H55_24"),
    "delete the decisions": lambda c: c.exchange_delete("motcua.decisions"),
    "bind its queue wider": lambda c: c.queue_bind("agency.H55_24", "motcua.agencies", "#"),
    "bind its queue to decisions": lambda c: c.queue_bind("agency.H55_24", "motcua.decisions", "#"),
    "unbind its queue": lambda c: c.queue_unbind("agency.H55_24", "motcua.agencies", "H55_24.#"),
    "read the queue of a longer code": lambda c: c.basic_get("agency.H55_242"),
    "listen on the queue of a longer code": lambda c: c.basic_consume("agency.H55_242", lambda *_: None),
    "purge the queue of a longer code": lambda c: c.queue_purge("agency.H55_242"),
    "read its dead letters": lambda c: c.basic_get("agency.H55_24.dead"),
    "decide for a longer code": write("motcua.decisions", "H55_242.decision"),
    "decide for another": write("motcua.decisions", "H01.decision"),
    "write another key": write("motcua.decisions", "H55_24.decision.more"),
    "write a key that only looks alike": write("motcua.decisions", "xH55_24.decision"),
    "write to the agencies": write("motcua.agencies", "H55_24.dossier.accepted"),
    "write to a queue": write("", "agency.H55_242"),
    "write to its own queue": write("", "agency.H55_24"),
    "write to the dead letters": write("motcua.dead", "agency.H55_24"),
    "write in another's name": forged,
}


@pytest.mark.parametrize("deed", FORBIDDEN)
def test_everything_else_is_refused_by_the_broker(account: tuple[str, str], deed: str) -> None:
    vhost, password = account
    with channel(vhost, password) as opened, pytest.raises(ChannelClosedByBroker) as refusal:
        FORBIDDEN[deed](opened)
    assert refusal.value.reply_code == (406 if deed == "write in another's name" else 403)
    assert everything_in(vhost, "agency.H55_242") == []


def test_connecting_again_gives_a_new_password_and_the_old_one_is_dead(
    password: str, connected: Connect, vhost: str
) -> None:
    newer = said(connected(SHORT), "password")
    assert newer != password
    with channel(vhost, newer) as opened:
        assert opened.basic_get("agency.H55_24")[0] is None
    with pytest.raises(ProbableAuthenticationError), channel(vhost, password):
        pass


def test_connecting_again_mends_rights_and_binding_and_sends_nothing_twice(
    notify: ServiceUnderTest, password: str, connected: Connect, vhost: str, rabbitmq_management_url: str
) -> None:
    notify.hear(about_dossier(notify, DossierSubmitted, agency=SHORT))
    serve(notify)
    name = vhost.rpartition("/")[2]
    unbind(vhost)
    call(rabbitmq_management_url, "DELETE", f"permissions/{name}/agency-H55_24")
    newer = said(connected(SHORT), "password")
    notify.hear(about_dossier(notify, DossierAccepted, agency=SHORT))
    serve(notify)
    with channel(vhost, newer) as opened:
        positions = [
            json.loads(opened.basic_get("agency.H55_24", auto_ack=True)[2])["position"] for _ in "12"
        ]
    assert positions == [1, 2]


def unbind(vhost: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    connection.channel().queue_unbind("agency.H55_24", "motcua.agencies", "H55_24.#")
    connection.close()


@pytest.mark.usefixtures("password")
def test_a_lost_binding_holds_events_back_until_it_is_mended(
    notify: ServiceUnderTest, connected: Connect, vhost: str
) -> None:
    unbind(vhost)
    notify.hear(about_dossier(notify, DossierSubmitted, agency=SHORT))
    serve(notify)
    assert everything_in(vhost, "agency.H55_24") == []
    assert connected(SHORT).exit_code == 0
    serve(notify)
    assert [event["position"] for event in everything_in(vhost, "agency.H55_24")] == [1]


@pytest.mark.usefixtures("password")
def test_a_queue_that_was_lost_is_filled_from_the_first_position(
    notify: ServiceUnderTest, connected: Connect, vhost: str, rabbitmq_management_url: str
) -> None:
    notify.hear(about_dossier(notify, DossierSubmitted, agency=SHORT))
    notify.hear(about_dossier(notify, DossierAccepted, agency=SHORT))
    serve(notify)
    call(rabbitmq_management_url, "DELETE", f"queues/{quote(vhost.rpartition('/')[2])}/agency.H55_24")
    assert connected(SHORT).exit_code == 0
    serve(notify)
    assert [event["position"] for event in everything_in(vhost, "agency.H55_24")] == [1, 2]


@pytest.mark.parametrize(
    ("code", "environment", "exit_code", "words"),
    [
        ("H99", {}, 2, "No agency H99 has been published"),
        ("../x", {}, 2, "not the form of an agency code"),
        (SHORT, {"RABBITMQ_MANAGEMENT_URL": ""}, 2, "RABBITMQ_MANAGEMENT_URL is not set"),
        (SHORT, {"RABBITMQ_MANAGEMENT_URL": "http://a:b@127.0.0.1:9"}, 75, "The broker is away"),
    ],
)
def test_what_went_wrong_is_said_with_its_exit_code(
    connected: Connect,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    environment: dict[str, str],
    exit_code: int,
    words: str,
) -> None:
    result = connected(code, **environment)
    assert (result.exit_code, words in result.output) == (exit_code, True), result.output


def test_wrong_credentials_of_the_operator_are_a_refusal(
    connected: Connect, rabbitmq_management_url: str
) -> None:
    url = urllib3.util.parse_url(rabbitmq_management_url)._replace(auth="nobody:wrong").url
    result = connected(SHORT, RABBITMQ_MANAGEMENT_URL=url)
    assert (result.exit_code, "answered 401" in result.output) == (1, True), result.output
