"""`motcua bus check` looks at what connected agencies have on the broker."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pika
import pytest

from chassis.broker.admin import BrokerAdmin
from chassis.testing import ServiceUnderTest
from services.notify.commands import checking
from services.notify.model.agency import Access
from tests.notify.test_agency_access import SHORT, call, operator, own_vhost

ACCOUNT = Access(SHORT).account
EVERYTHING = {"configure": ".*", "write": ".*", "read": ".*"}
Look = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def vhost(rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[str]:
    with own_vhost(rabbitmq_url, rabbitmq_management_url) as url:
        yield url


@pytest.fixture
def look(notify: ServiceUnderTest, vhost: str, rabbitmq_management_url: str) -> Look:
    """What is found with one agency connected and another only known."""
    assert operator(notify, vhost, rabbitmq_management_url)(SHORT).exit_code == 0
    broker = BrokerAdmin(rabbitmq_management_url, vhost.rpartition("/")[2])
    return lambda: [(each.severity, each.what) for each in checking.check(notify.units, broker)]


def test_an_agency_as_it_was_connected_is_well(look: Look) -> None:
    assert look() == []


@pytest.mark.parametrize(
    ("path", "rights", "what"),
    [
        ("permissions", EVERYTHING, "may do something else than it should"),
        ("topic-permissions", {"exchange": "motcua.decisions", "write": ".*", "read": "^$"}, "not its own"),
    ],
)
def test_rights_that_grew_are_found(
    look: Look, vhost: str, rabbitmq_management_url: str, path: str, rights: dict[str, str], what: str
) -> None:
    name = quote(vhost.rpartition("/")[2])
    assert call(rabbitmq_management_url, "PUT", f"{path}/{name}/{ACCOUNT}", rights) < 300
    ((severity, found),) = look()
    assert (severity, what in found) == ("wrong", True), found


@pytest.mark.parametrize("path", ["permissions", "topic-permissions"])
def test_rights_that_are_gone_are_found(
    look: Look, vhost: str, rabbitmq_management_url: str, path: str
) -> None:
    """Without topic permissions the broker would let the account write under any agency's key."""
    call(rabbitmq_management_url, "DELETE", f"{path}/{quote(vhost.rpartition('/')[2])}/{ACCOUNT}")
    assert [severity for severity, _ in look()] == ["wrong"]


def test_a_lost_or_added_binding_and_a_lost_queue_are_found(
    look: Look, vhost: str, rabbitmq_management_url: str
) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    channel = connection.channel()
    channel.queue_unbind("agency.H55_24", "motcua.agencies", "H55_24.#")
    channel.queue_bind("agency.H55_24", "motcua.agencies", "#")
    found = [what for _, what in look()]
    assert found == ["its queue is not bound for H55_24.#", "its queue also hears # of motcua.agencies"]
    channel.queue_delete("agency.H55_24")
    connection.close()
    assert look() == [("wrong", "has no queue agency.H55_24")]


def test_dead_letters_that_would_go_nowhere_are_found(look: Look, vhost: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(vhost)) as connection:
        connection.channel().queue_unbind("agency.H55_24.dead", "motcua.dead", "agency.H55_24")
    assert look() == [("wrong", "its queue of dead letters is not bound")]


def test_a_queue_of_no_connected_agency_is_a_warning(
    look: Look, vhost: str, rabbitmq_management_url: str
) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    connection.channel().queue_declare("agency.H01", durable=True)
    connection.close()
    assert look() == [("warning", "belongs to no connected agency")]
