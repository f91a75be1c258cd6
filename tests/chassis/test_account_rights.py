"""On a real broker: everything that services' own accounts may not do, each tried and refused."""

from urllib.parse import urlsplit

import pika
import pytest
import urllib3
from kombu import Connection
from pika.exceptions import AMQPError

from chassis import envelope
from chassis.bus import topology
from chassis.service import Service
from tests import servers
from tests.chassis.forbidden import (
    AGENCYS,
    DEAD,
    EVENTS,
    FILLING,
    INSTALLED,
    PLAN,
    SUBSCRIBERS,
    deeds,
    own_queues,
)
from tests.chassis.test_broker import workers_declare
from tests.chassis.test_broker_accounts import GIVEN, Operator
from tests.conftest import Say
from tests.resilience.permissions import FORBIDDEN, NOT_THE_USER, asking, tried, written

PATHS = ("overview", "vhosts", "queues", "users", "permissions", "definitions", "connections", "whoami")


@pytest.fixture(scope="module")
def broker(broker_of_its_own: servers.RabbitMQ) -> servers.RabbitMQ:
    """With all that workers declare, an agency's queues, and the accounts."""
    with pika.BlockingConnection(pika.URLParameters(broker_of_its_own.url)) as administrator:
        for name in AGENCYS:
            administrator.channel().queue_declare(name, durable=True)
    with Connection(broker_of_its_own.url) as connection:
        workers_declare(connection.default_channel)
    Operator(broker_of_its_own).done()
    return broker_of_its_own


def connected(broker: servers.RabbitMQ, service: Service, vhost: str = "/") -> pika.BlockingConnection:
    parts = urlsplit(broker.url)
    login = pika.PlainCredentials(topology.account_of(service.name), GIVEN[service.name])
    return pika.BlockingConnection(pika.ConnectionParameters(parts.hostname, parts.port, vhost, login))


def holds(broker: servers.RabbitMQ) -> dict[str, int]:
    """How many messages each queue has."""
    with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        channel = connection.channel()
        return {name: channel.queue_declare(name, passive=True).method.message_count for name in PLAN.queues}


def test_whatever_is_forbidden_is_refused_and_leaves_nothing_behind(
    broker: servers.RabbitMQ, say: Say
) -> None:
    answers: dict[tuple[str, str], int] = {}
    for service in INSTALLED:
        connection = connected(broker, service)
        answers |= {(service.name, name): tried(connection, deed) for name, deed in deeds(service)}
        connection.close()
    allowed = {which: code for which, code in answers.items() if code != FORBIDDEN}
    say(f"permissions: {len(allowed)} of {len(answers)} forbidden deeds of {len(INSTALLED)} services allowed")
    assert not allowed, sorted(allowed.items())[:20]
    assert set(holds(broker).values()) == {0}


def test_nobody_speaks_in_anothers_name(broker: servers.RabbitMQ) -> None:
    users = ("guest", "motcua", "agency-H01", *(topology.account_of(each.name) for each in INSTALLED))
    for service in INSTALLED:
        exchange, key = spoken(service)
        with connected(broker, service) as connection:
            others = [user for user in users if user != topology.account_of(service.name)]
            answers = {user: tried(connection, written(exchange, key, user)) for user in others}
        assert set(answers.values()) == {NOT_THE_USER}, (service.name, answers)


def spoken(service: Service) -> tuple[str, str]:
    """An exchange and a key under which it may write."""
    if service.announces:
        return EVENTS, f"{service.name}.nobody-hears.1"
    return SUBSCRIBERS, f"{service.name}.events"


@pytest.mark.parametrize("service", INSTALLED, ids=lambda service: service.name)
def test_what_is_its_own_it_may(broker: servers.RabbitMQ, service: Service) -> None:
    """Else all of the above would be refused for a reason of no interest."""
    hearers = [
        (queue, f"{envelope.routing_key(event.type)}.*")
        for each in INSTALLED
        for event in set(service.announces) & set(each.reactions)
        for queue in own_queues(each)
        if queue == f"{each.name}.events"
    ]
    own = [name for name in own_queues(service) if not name.endswith(".dead")]
    exchange, key = spoken(service)
    with connected(broker, service) as connection:
        for queue, binding in hearers:
            assert tried(connection, asking("queue_unbind", queue, EVENTS, binding)) == 0
            assert tried(connection, asking("queue_bind", queue, EVENTS, binding)) == 0
            filling = topology.filling_key(f"{service.name}.nobody-hears.1", "nobody")
            assert tried(connection, written(FILLING, filling)) == 0
        for name in own:
            assert tried(connection, asking("basic_consume", name, print)) == 0
            assert tried(connection, asking("queue_bind", f"{name}.dead", DEAD, name)) == 0
        assert tried(connection, written(exchange, key, topology.account_of(service.name))) == 0
        for shard in ("", ".0", ".11") if service.reactions else ():
            probe = topology.filling_key("probe", f"{service.name}.events{shard}")
            assert tried(connection, written(FILLING, probe)) == 0


def test_an_account_is_let_into_no_other_virtual_host(broker: servers.RabbitMQ) -> None:
    Operator(broker).call("PUT", "vhosts/elsewhere")
    for service in INSTALLED:
        with pytest.raises(AMQPError):
            connected(broker, service, "elsewhere")
    Operator(broker).call("DELETE", "vhosts/elsewhere")


def test_an_account_is_let_into_the_management_interface_nowhere(broker: servers.RabbitMQ) -> None:
    bare = urllib3.util.parse_url(broker.management_url)._replace(auth=None).url.rstrip("/")
    for service in INSTALLED:
        login = f"{topology.account_of(service.name)}:{GIVEN[service.name]}"
        # As bytes of UTF-8: urllib3 would write Latin-1.
        headers = urllib3.make_headers(basic_auth=login.encode().decode("latin-1"))
        answers = {urllib3.request("GET", f"{bare}/api/{path}", headers=headers).status for path in PATHS}
        assert answers == {401}
