"""What `motcua doctor` finds at the broker, on a real RabbitMQ."""

import json
from urllib.parse import quote, urlsplit

import pytest
import urllib3
from click.testing import CliRunner
from kombu import Connection

from chassis import service as services
from chassis.cli import main
from tests import servers
from tests.chassis.installed import Doctor
from tests.chassis.test_broker import workers_declare
from tests.servers.kinds import free_port


@pytest.fixture
def broker(virtual_host: str, rabbitmq_management_url: str) -> dict[str, str]:
    """The settings of a broker of the test's own, with nothing on it yet."""
    return {"AMQP_URL": virtual_host, "RABBITMQ_MANAGEMENT_URL": rabbitmq_management_url}


def with_account(url: str, account: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{account}@{parts.hostname}:{parts.port}").geturl()


def test_a_bare_broker_lacks_what_bus_check_says_and_is_well_once_that_is_mended(
    doctor: Doctor, broker: dict[str, str]
) -> None:
    bare = doctor.examine(**broker)
    checked = CliRunner().invoke(main, ["bus", "check"], env={**doctor.settings, **broker})
    assert (bare.code, checked.exit_code) == (1, 1)
    wrong = [each for each in bare.groups["Broker"] if each["severity"] == "wrong"]
    assert {"exchange motcua.events", "queue notify.events"} <= {each["where"] for each in wrong}
    assert all(f"{each['where']}: {each['what']}" in checked.output for each in wrong)

    assert CliRunner().invoke(main, ["bus", "apply"], env={**doctor.settings, **broker}).exit_code == 0
    with Connection(broker["AMQP_URL"]) as connection:
        workers_declare(connection.default_channel)
    seen = doctor.examine(**broker)
    assert (seen.code, seen.all("wrong")) == (0, [])
    assert seen.found("well")["broker"].endswith("the policies are as they must be")
    assert "is let in at" in seen.found("well")["AMQP_URL"]
    assert seen.found("well")["RabbitMQ"][0].isdigit()
    assert any(each["where"].startswith("RabbitMQ") for each in seen.groups["Clocks"])


def test_a_broker_that_is_not_there_is_away_over_both_doors(doctor: Doctor) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    seen = doctor.examine(AMQP_URL=f"amqp://{nowhere}", RABBITMQ_MANAGEMENT_URL=f"http://{nowhere}")
    assert (seen.code, set(seen.found("away"))) == (75, {"AMQP_URL", "RABBITMQ_MANAGEMENT_URL"})
    assert "nobody listens there" in seen.found("away")["AMQP_URL"]


def test_what_is_no_brokers_management_is_wrong(doctor: Doctor, broker: dict[str, str]) -> None:
    doctor.portal.said["/api/overview"] = (200, b"<html>")
    seen = doctor.examine(**broker | {"RABBITMQ_MANAGEMENT_URL": doctor.portal.url})
    assert "not as RabbitMQ's management does" in seen.found("wrong")["RABBITMQ_MANAGEMENT_URL"]


def test_without_a_number_of_shards_nothing_is_compared(doctor: Doctor, broker: dict[str, str]) -> None:
    seen = doctor.examine(**broker, EVENT_SHARDS="some")
    assert seen.found("unseen")["RABBITMQ_MANAGEMENT_URL"].endswith("not compared with what must be")
    assert list(seen.found("wrong")) == ["EVENT_SHARDS"]


def test_a_wrong_password_and_a_missing_virtual_host_are_wrong_and_not_away(
    doctor: Doctor, broker: dict[str, str]
) -> None:
    password = with_account(broker["AMQP_URL"], "motcua:wrong")
    elsewhere = f"{broker['AMQP_URL'].rsplit('/', 1)[0]}/elsewhere"
    for url, what in ((password, "refuses this account"), (elsewhere, "no such virtual host")):
        seen = doctor.examine(AMQP_URL=url)
        assert (seen.code, what in seen.found("wrong")["AMQP_URL"]) == (1, True)
    management = with_account(broker["RABBITMQ_MANAGEMENT_URL"], "motcua:wrong")
    seen = doctor.examine(**broker | {"RABBITMQ_MANAGEMENT_URL": management})
    assert "answered 401" in seen.found("wrong")["RABBITMQ_MANAGEMENT_URL"]
    assert "monitoring" in seen.mend("RABBITMQ_MANAGEMENT_URL")


def test_each_service_may_have_an_account_of_its_own_and_the_one_shut_out_is_named(
    doctor: Doctor, broker: dict[str, str], rabbitmq_management_url: str
) -> None:
    own = {"DOSSIER_AMQP_URL": with_account(broker["AMQP_URL"], "motcua-dossier:hush")}
    assert "DOSSIER_AMQP_URL" in doctor.examine(**broker, **own).found("wrong")
    parts = urllib3.util.parse_url(rabbitmq_management_url)
    headers = urllib3.make_headers(basic_auth=parts.auth) | {"Content-Type": "application/json"}
    bare = parts._replace(auth=None).url.rstrip("/")
    host = quote(urlsplit(broker["AMQP_URL"]).path[1:], safe="")
    all = '{"configure": ".*", "write": ".*", "read": ".*"}'
    for path, body in (
        ("users/motcua-dossier", '{"password": "hush", "tags": ""}'),
        (f"permissions/{host}/motcua-dossier", all),
    ):
        assert urllib3.request("PUT", f"{bare}/api/{path}", body=body, headers=headers).status < 300
    try:
        seen = doctor.examine(**broker, **own)
    finally:
        urllib3.request("DELETE", f"{bare}/api/users/motcua-dossier", headers=headers)
    assert seen.found("well")["DOSSIER_AMQP_URL"].startswith("motcua-dossier is let in")
    assert "AMQP_URL" in seen.found("well")


def test_accounts_that_services_should_have_and_have_not_are_missed(
    doctor: Doctor, broker: dict[str, str]
) -> None:
    passwords = json.dumps(dict.fromkeys(services.names(), "hush-0816"))
    seen = doctor.examine(**broker, BROKER_ACCOUNTS=passwords)
    assert seen.found("wrong")["account motcua-dossier"] == "is missing"
    assert seen.mend("account motcua-dossier") == "motcua bus apply"
    partly = doctor.examine(**broker, BROKER_ACCOUNTS='{"dossier": "hush-0816"}')
    assert "no password for catalog" in partly.found("wrong")["BROKER_ACCOUNTS"]
    assert "hush-0816" not in seen.output + partly.output


def test_a_certificate_that_is_not_to_be_trusted_is_wrong_and_not_away(
    doctor: Doctor, rabbitmq: servers.RabbitMQ
) -> None:
    untrusted = doctor.examine(AMQP_URL=rabbitmq.tls.url)
    assert "certificate" in untrusted.found("wrong")["AMQP_URL"]
    trusted = doctor.examine(AMQP_URL=rabbitmq.tls.url, SSL_CERT_FILE=str(rabbitmq.tls.ca))
    assert "is let in" in trusted.found("well")["AMQP_URL"]


def test_a_service_that_is_not_well_is_not_asked_what_it_made_on_the_broker(
    doctor: Doctor, broker: dict[str, str]
) -> None:
    seen = doctor.examine(**broker, NOTIFY_INDEX_KEY="...")
    assert seen.found("unseen") == {"notify": "its queues and accounts were not looked at"}
    assert "queue notify.events" in seen.found("wrong")
