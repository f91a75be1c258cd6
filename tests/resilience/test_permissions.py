"""On a real broker: everything that three agencies' accounts may not do, each tried and refused."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pika
import pytest
import urllib3
from pika.exceptions import AMQPError

from chassis.testing import ServiceUnderTest
from contracts.catalog import AgencyPublished
from contracts.event import Name
from services.notify.adapters import Ports
from services.notify.model.agency import Access
from tests.conftest import Say
from tests.notify.test_agency_access import everything_in, operator, own_vhost, said
from tests.resilience.permissions import AGENCIES, FORBIDDEN, NOT_THE_USER, asking, deeds, tried, written

PATHS = ("overview", "vhosts", "queues", "users", "permissions", "definitions", "connections", "whoami")


@pytest.fixture(scope="module")
def accounts(
    postgres_url: str, rabbitmq_url: str, rabbitmq_management_url: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """A virtual host of its own, and the password of each agency there."""
    with (
        own_vhost(rabbitmq_url, rabbitmq_management_url) as vhost,
        ServiceUnderTest.started("notify", postgres_url, ports=Ports()) as sut,
    ):
        connect = operator(sut, vhost, rabbitmq_management_url)
        for code in AGENCIES:
            sut.hear(AgencyPublished(code=code, name=Name("UBND", "Office"), level="commune"))
        yield vhost, {code: said(connect(code), "password") for code in AGENCIES}


def connected(vhost: str, agency: str, password: str) -> pika.BlockingConnection:
    parts = urlsplit(vhost)
    login = pika.PlainCredentials(Access(agency).account, password)
    return pika.BlockingConnection(
        pika.ConnectionParameters(parts.hostname, parts.port, parts.path[1:], login)
    )


def test_whatever_is_forbidden_is_refused_and_leaves_nothing_behind(
    accounts: tuple[str, dict[str, str]], say: Say
) -> None:
    vhost, passwords = accounts
    answers: dict[tuple[str, str], int] = {}
    for agency, password in passwords.items():
        connection = connected(vhost, agency, password)
        answers |= {(agency, name): tried(connection, deed) for name, deed in deeds(agency)}
        connection.close()
    allowed = {which: code for which, code in answers.items() if code not in {FORBIDDEN, NOT_THE_USER}}
    say(f"permissions: {len(allowed)} of {len(answers)} forbidden deeds of 3 accounts were allowed")
    assert not allowed
    assert {code for (_, name), code in answers.items() if "in the name of" in name} == {NOT_THE_USER}
    assert [everything_in(vhost, Access(code).queue) for code in AGENCIES] == [[], [], []]


def test_what_is_an_agencys_own_it_may(accounts: tuple[str, dict[str, str]]) -> None:
    """Else all of the above would be refused for a reason of no interest."""
    vhost, passwords = accounts
    for agency, password in passwords.items():
        own, connection = Access(agency), connected(vhost, agency, password)
        assert tried(connection, asking("basic_get", own.queue)) == 0
        assert tried(connection, written("motcua.decisions", own.decision_key, own.account)) == 0
        connection.close()


def test_an_account_is_let_into_no_other_virtual_host(
    accounts: tuple[str, dict[str, str]], rabbitmq_url: str
) -> None:
    _, passwords = accounts
    for agency, password in passwords.items():
        elsewhere = urlsplit(rabbitmq_url)._replace(path="/%2F").geturl()
        with pytest.raises(AMQPError):
            connected(elsewhere, agency, password)


def test_an_account_is_let_into_the_management_interface_nowhere(
    accounts: tuple[str, dict[str, str]], rabbitmq_management_url: str
) -> None:
    bare = urllib3.util.parse_url(rabbitmq_management_url)._replace(auth=None).url.rstrip("/")
    for agency, password in accounts[1].items():
        headers = urllib3.make_headers(basic_auth=f"{Access(agency).account}:{password}")
        answers = {urllib3.request("GET", f"{bare}/api/{path}", headers=headers).status for path in PATHS}
        assert answers == {401}
