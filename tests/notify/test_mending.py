"""On a real RabbitMQ: what vanished from the broker is found and made again, with the same password."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from chassis.broker.admin import BrokerAdmin
from chassis.testing import ServiceUnderTest, settings_environment
from contracts.dossier import DossierAccepted, DossierSubmitted
from services.notify.adapters import Ports
from services.notify.adapters.agency_bus import AgencyBus
from services.notify.cli import agency
from services.notify.commands import checking
from services.notify.tables import agencies
from tests.notify.builders import about_dossier, registered
from tests.notify.test_agency_access import (
    LONG,
    SHORT,
    call,
    channel,
    everything_in,
    operator,
    own_vhost,
    said,
    serve,
    unbind,
)

Delete = Callable[[str], None]


@pytest.fixture
def vhost(rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[str]:
    with own_vhost(rabbitmq_url, rabbitmq_management_url) as url:
        yield url


@pytest.fixture
def delete(vhost: str, rabbitmq_management_url: str) -> Delete:
    """What is named by a path of the management API, `{vhost}` for ours."""
    name = quote(vhost.rpartition("/")[2])
    return lambda path: _deleted(rabbitmq_management_url, path.format(vhost=name))


def _deleted(url: str, path: str) -> None:
    assert call(url, "DELETE", path) == 204, path


@pytest.fixture
def broker(vhost: str, rabbitmq_management_url: str) -> BrokerAdmin:
    return BrokerAdmin(rabbitmq_management_url, vhost.rpartition("/")[2])


@pytest.fixture
def passwords(
    notify: ServiceUnderTest,
    vhost: str,
    rabbitmq_management_url: str,
    broker: BrokerAdmin,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, str]:
    """Of two connected agencies; the first has two events in its queue."""
    monkeypatch.setattr(notify.units, "ports", Ports(agencies=AgencyBus(vhost), broker=broker))
    notify.hear(registered(notify))
    connect = operator(notify, vhost, rabbitmq_management_url)
    made = {code: said(connect(code), "password") for code in (SHORT, LONG)}
    for event in (DossierSubmitted, DossierAccepted):
        notify.hear(about_dossier(notify, event, agency=SHORT))
    serve(notify)
    return made


def mend(
    notify: ServiceUnderTest, vhost: str, rabbitmq_management_url: str, *codes: str, **changes: str
) -> Result:
    usual = {
        **settings_environment(notify.settings),
        "JWKS_URL": notify.settings.jwks_url,
        "PUBLIC_URL": notify.settings.public_url,
        "AMQP_URL": vhost,
        "RABBITMQ_MANAGEMENT_URL": rabbitmq_management_url,
    }
    return CliRunner().invoke(agency, ["mend", *codes], env=usual | changes)


def read(vhost: str, password: str) -> list[int]:
    """The positions in the queue of H55.24, as its own account reads them."""
    positions = []
    with channel(vhost, password) as opened:
        while (got := opened.basic_get("agency.H55_24", auto_ack=True))[0]:
            positions.append(json.loads(got[2])["position"])
    return positions


def test_nothing_is_touched_while_nothing_is_missing(
    notify: ServiceUnderTest, passwords: dict[str, str], vhost: str
) -> None:
    assert notify.tick("mend-agencies") == 0
    serve(notify)
    assert read(vhost, passwords[SHORT]) == [1, 2]


VANISHED = {
    "the queue": ["queues/{vhost}/agency.H55_24"],
    "the account": ["users/agency-H55_24"],
    "its rights": ["permissions/{vhost}/agency-H55_24"],
    "its topic rights": ["topic-permissions/{vhost}/agency-H55_24"],
    "the dead letters": ["queues/{vhost}/agency.H55_24.dead"],
    "the exchange": ["exchanges/{vhost}/motcua.agencies"],
    "the exchange of dead letters": ["exchanges/{vhost}/motcua.dead"],
    "everything": [
        "queues/{vhost}/agency.H55_24",
        "users/agency-H55_24",
        "exchanges/{vhost}/motcua.agencies",
    ],
}


@pytest.mark.parametrize("what", VANISHED)
def test_what_vanished_is_made_again_by_itself_with_the_same_password(
    notify: ServiceUnderTest,
    passwords: dict[str, str],
    vhost: str,
    broker: BrokerAdmin,
    delete: Delete,
    what: str,
) -> None:
    for path in VANISHED[what]:
        delete(path)
    assert notify.tick("mend-agencies") == 0
    notify.hear(about_dossier(notify, DossierSubmitted, agency=SHORT, code="H55.24-261123-0002"))
    serve(notify)
    assert read(vhost, passwords[SHORT]) == [1, 2, 3], "history, then live"
    assert [each.what for each in checking.check(notify.units, broker)] == []
    bound = {(each["source"], each["destination"], each["routing_key"]) for each in broker.bindings()}
    assert ("motcua.dead", "agency.H55_24.dead", "agency.H55_24") in bound


def test_a_lost_binding_is_made_again_and_nothing_comes_twice(
    notify: ServiceUnderTest, passwords: dict[str, str], vhost: str
) -> None:
    unbind(vhost)
    notify.hear(about_dossier(notify, DossierSubmitted, agency=SHORT, code="H55.24-261123-0002"))
    serve(notify)
    notify.tick("mend-agencies")
    serve(notify)
    assert read(vhost, passwords[SHORT]) == [1, 2, 3]


def test_a_wiped_broker_is_whole_again(
    notify: ServiceUnderTest,
    passwords: dict[str, str],
    vhost: str,
    rabbitmq_management_url: str,
    delete: Delete,
) -> None:
    delete("vhosts/{vhost}")
    for account in ("agency-H55_24", "agency-H55_242"):
        delete(f"users/{account}")
    name = vhost.rpartition("/")[2]
    call(rabbitmq_management_url, "PUT", f"vhosts/{name}")
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    administrator = vhost.partition("://")[2].partition(":")[0]
    call(rabbitmq_management_url, "PUT", f"permissions/{name}/{administrator}", everything)
    serve(notify)
    notify.tick("mend-agencies")
    serve(notify)
    assert read(vhost, passwords[SHORT]) == [1, 2]
    with channel(vhost, passwords[LONG], LONG) as opened:
        assert opened.basic_get("agency.H55_242")[0] is None


def test_a_mending_that_broke_off_is_finished_by_the_next(
    notify: ServiceUnderTest,
    passwords: dict[str, str],
    vhost: str,
    delete: Delete,
    broker: BrokerAdmin,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    delete("queues/{vhost}/agency.H55_24")
    delete("users/agency-H55_24")
    with monkeypatch.context() as breaking:
        breaking.setattr(broker, "put_account", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            notify.tick("mend-agencies")
    serve(notify)
    notify.tick("mend-agencies")
    serve(notify)
    assert read(vhost, passwords[SHORT]) == [1, 2]


def test_the_password_is_kept_only_as_the_broker_keeps_it(
    notify: ServiceUnderTest, passwords: dict[str, str]
) -> None:
    assert not any(password in notify.everything_stored() for password in passwords.values())
    with notify.units() as uow:
        hashes = uow.session.scalars(select(agencies.c.password_hash)).all()
    assert len(set(hashes)) == 2


def test_an_operator_mends_some_or_all(
    notify: ServiceUnderTest,
    passwords: dict[str, str],
    vhost: str,
    rabbitmq_management_url: str,
    delete: Delete,
) -> None:
    def run(*codes: str, **changes: str) -> tuple[int, str]:
        result = mend(notify, vhost, rabbitmq_management_url, *codes, **changes)
        return result.exit_code, result.output

    assert run() == (0, "nothing is missing\n")
    delete("users/agency-H55_24")
    delete("queues/{vhost}/agency.H55_242")
    assert run(LONG) == (0, "H55.242: made again: queue, binding\n")
    assert run() == (0, "H55.24: made again: account\n")
    assert read(vhost, passwords[SHORT]) == [1, 2]
    assert run("../x")[0] == 2
    assert run(RABBITMQ_MANAGEMENT_URL="")[0] == 2
    assert run(RABBITMQ_MANAGEMENT_URL="http://a:b@127.0.0.1:9")[0] == 75


def test_an_agency_connected_before_hashes_were_kept_must_be_connected_again(
    notify: ServiceUnderTest,
    passwords: dict[str, str],
    vhost: str,
    rabbitmq_management_url: str,
    delete: Delete,
) -> None:
    with notify.units() as uow:
        uow.session.execute(update(agencies).values(password_hash=None))
    delete("users/agency-H55_24")
    result = mend(notify, vhost, rabbitmq_management_url)
    assert result.exit_code == 1
    assert result.output == "H55.24: cannot be made again, connect it anew: account\n"
    assert notify.tick("mend-agencies") == 0


def test_a_broker_that_is_away_or_not_set_up_stops_nothing(
    notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    away: Any = BrokerAdmin("http://a:b@127.0.0.1:9", "/")
    for broker in (None, away):
        monkeypatch.setattr(notify.units, "ports", Ports(broker=broker))
        assert notify.tick("mend-agencies") == 0


def test_nobody_else_reads_what_is_in_the_queue_made_again(
    notify: ServiceUnderTest, passwords: dict[str, str], vhost: str, delete: Delete
) -> None:
    delete("queues/{vhost}/agency.H55_24")
    notify.tick("mend-agencies")
    serve(notify)
    assert everything_in(vhost, "agency.H55_242") == []
