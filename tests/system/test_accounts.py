"""The portal of these tests runs on the services' own accounts: nobody came in by another door."""

import json

import urllib3

from chassis import service as services
from chassis.bus import topology
from tests.system.portal import Portal, eventually

WORKERS = {topology.account_of(name) for name in services.names()}


def connections(portal: Portal) -> set[str]:
    """The accounts that are on the broker now."""
    parts = urllib3.util.parse_url(portal.environment["RABBITMQ_MANAGEMENT_URL"])
    at = f"{parts._replace(auth=None).url.rstrip('/')}/api/connections"
    answer = urllib3.request("GET", at, headers=urllib3.make_headers(basic_auth=parts.auth))
    return {each["user"] for each in json.loads(answer.data)}


def test_every_worker_is_on_the_broker_under_its_services_account_alone(portal: Portal) -> None:
    eventually(lambda: connections(portal) >= WORKERS)
    others = connections(portal) - WORKERS
    assert {name for name in others if not name.startswith("agency-")} == set()


def test_workers_were_refused_nothing(portal: Portal) -> None:
    """In the whole path, from submission to the told applicant and an agency's decision over AMQP."""
    logs = {path.name: path.read_text(errors="replace") for path in portal.folder.glob("*-worker.log")}
    assert logs.keys() >= {f"{name}-worker.log" for name in services.names()}
    assert [name for name, log in logs.items() if "ACCESS_REFUSED" in log] == []


def test_the_brokers_accounts_are_well(portal: Portal) -> None:
    report = json.loads(portal.run("bus", "check", "-o", "json").stdout)
    assert [each for each in report["findings"] if each["where"].startswith("account")] == []
