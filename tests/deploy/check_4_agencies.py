"""An agency's back office outside: over amqps, at the published port, by its own account."""

import ssl
from collections.abc import Iterator
from typing import Any

import pika
import pytest

from tests.deploy.conftest import broker_account
from tests.deploy.installation import Installation
from tests.system.caller import Caller, sent
from tests.system.portal import eventually


@pytest.fixture(scope="module")
def account(installation: Installation) -> dict[str, str]:
    return broker_account(installation, "H01")


def connection(installation: Installation, account: dict[str, str]) -> pika.BlockingConnection:
    trusted = ssl.create_default_context(cafile=str(installation.secrets / "broker_authority.crt"))
    return pika.BlockingConnection(
        pika.ConnectionParameters(
            "localhost",
            installation.ports["AMQPS_PORT"],
            credentials=pika.PlainCredentials(account["account"], account["password"]),
            ssl_options=pika.SSLOptions(trusted, "localhost"),
        )
    )


@pytest.fixture
def channel(installation: Installation, account: dict[str, str]) -> Iterator[Any]:
    with connection(installation, account) as opened:
        yield opened.channel()


def test_it_hears_of_a_dossier_over_amqps(
    installation: Installation, an: Caller, account: dict[str, str], channel: Any
) -> None:
    code = sent(an)["code"]

    def heard() -> bool:
        method, _, body = channel.basic_get(account["queue"], auto_ack=True)
        return method is not None and code in body.decode()

    eventually(heard, within=60)


def test_nobody_else_gets_in_there(installation: Installation, account: dict[str, str]) -> None:
    for wrong in (account | {"password": "guess"}, {"account": "guest", "password": "guest"}):
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            connection(installation, wrong)
