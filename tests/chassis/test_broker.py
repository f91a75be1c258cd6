"""`motcua bus apply|check` against a real RabbitMQ."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import amqp
import pytest
import urllib3
from click.testing import CliRunner, Result
from kombu import Connection
from sqlalchemy import Engine, insert

from chassis import service as services
from chassis import tables, worker
from chassis.broker import check, plan, policies
from chassis.bus import Interest, topology
from chassis.cli import main
from chassis.db import new_id, open_engine
from chassis.testing import fresh_database
from tests.chassis.toys import eventually

Run = Callable[..., Result]
Call = Callable[..., Any]


@pytest.fixture
def run(virtual_host: str, rabbitmq_management_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`motcua bus <arguments>`, with changes to its environment."""
    for name in services.names():
        monkeypatch.delenv(f"{name.upper()}_DATABASE_URL", raising=False)
    usual = {"AMQP_URL": virtual_host, "RABBITMQ_MANAGEMENT_URL": rabbitmq_management_url}
    return lambda *given, **changes: CliRunner().invoke(main, ["bus", *given], env=usual | changes)


@pytest.fixture
def call(virtual_host: str, rabbitmq_management_url: str) -> Call:
    """The management API of this test's virtual host: method, path with {} for it, body."""
    parts = urllib3.util.parse_url(rabbitmq_management_url)
    headers = urllib3.make_headers(basic_auth=parts.auth) | {"Content-Type": "application/json"}
    bare = parts._replace(auth=None).url.rstrip("/")
    name = quote(urlsplit(virtual_host).path[1:], safe="")

    def ask(method: str, path: str, body: object = None) -> Any:
        content = json.dumps(body) if body is not None else None
        url = f"{bare}/api/{path.format(name)}"
        answer = urllib3.request(method, url, body=content, headers=headers)
        assert answer.status < 300, answer.data
        return json.loads(answer.data) if answer.data else None

    return ask


@pytest.fixture
def declared(virtual_host: str) -> Iterator[Connection]:
    """As the workers leave a broker: the connection is an operator's."""
    with Connection(virtual_host) as connection:
        workers_declare(connection.default_channel)
        yield connection


def workers_declare(channel: Any) -> None:
    installed = [services.load(name) for name in services.names()]
    topology.declare(channel, worker.doors(installed))
    for queue, interest in worker.topics(installed).items():
        topology.declare_events(channel, queue)
        for type in interest.types:
            topology.bind(channel, queue, topology.binding_keys(type, interest))


def found(result: Result, severity: str = "wrong") -> dict[str, str]:
    """What was found, by where it is. The rest of the output is checked for its form."""
    report = json.loads(result.output)
    return {each["where"]: each["what"] for each in report["findings"] if each["severity"] == severity}


def test_a_bare_broker_lacks_everything_and_says_how_to_mend_it(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 1
    assert "exchange motcua.events" in result.output
    assert "mend: motcua bus apply" in result.output
    lacking = found(run("check", "-o", "json"))
    queues = {name: what for name, what in lacking.items() if name.startswith("queue ")}
    assert queues.keys() >= {"queue notify.events", "queue notify.events.dead", "queue dossier.decisions"}
    assert set(queues.values()) == {"is missing"}


def test_what_apply_made_is_what_workers_declare_and_applying_again_does_nothing(
    run: Run, virtual_host: str, call: Call
) -> None:
    first = run("apply")
    assert first.exit_code == 0, first.output
    assert "made queue dossier.decisions\n" in first.output
    assert "set policy motcua-queues" in first.output
    assert json.loads(run("apply", "-o", "json").output)["done"] == []
    with Connection(virtual_host) as connection:
        workers_declare(connection.default_channel)
    assert run("check").exit_code == 0
    decisions = call("GET", "bindings/{}/e/motcua.decisions/q/dossier.decisions")
    assert [each["routing_key"] for each in decisions] == ["#"]


def test_policies_are_in_force_on_every_queue_of_ours(run: Run, declared: Connection, call: Call) -> None:
    run("apply")
    agency = topology.quorum_queue("agency.H01")(declared.default_channel)
    agency.queue_declare()
    in_force: dict[str, str] = {}

    def shown() -> bool:
        in_force.update({each["name"]: each.get("policy") for each in call("GET", "queues/{}")})
        return None not in in_force.values()

    eventually(shown)  # the broker shows it with a delay
    assert {in_force.pop(f"{name}.events.dead") for name in ("notify", "dossier")} == {policies.DEAD}
    assert in_force.pop("agency.H01") == policies.AGENCIES
    assert in_force["notify.events"] == in_force["dossier.decisions"] == policies.QUEUES


def test_a_house_wide_policy_that_lets_events_vanish_is_found_and_kept_off(
    run: Run, declared: Connection, call: Call
) -> None:
    house = {"message-ttl": 60000, "overflow": "drop-head", "max-length": 1000, "delivery-limit": 5}
    call("PUT", "policies/{}/house", {"pattern": ".*", "definition": house, "apply-to": "queues"})
    result = run("check", "-o", "json")
    assert result.exit_code == 1
    dangers = [
        f["what"] for f in json.loads(result.output)["findings"] if f["where"] == "queue notify.events"
    ]
    for word in ("message-ttl 60000", "overflow drop-head", "delivery-limit 5", "max-length:"):
        assert any(word in danger and "house" in danger for danger in dangers), word
    assert run("apply").exit_code == 0
    assert run("check").exit_code == 0


def test_an_operator_policy_reaches_past_ours_and_is_found(
    run: Run, declared: Connection, call: Call
) -> None:
    run("apply")
    own = {"pattern": "^notify", "definition": {"message-ttl": 1000}, "apply-to": "queues"}
    call("PUT", "operator-policies/{}/limits", own)
    assert (
        "policy motcua-queues and limits says message-ttl 1000"
        in found(run("check", "-o", "json"))["queue notify.events"]
    )


def test_the_room_an_operator_gave_to_agencies_queues_is_kept(
    run: Run, declared: Connection, call: Call
) -> None:
    run("apply")
    policy = call("GET", f"policies/{{}}/{policies.AGENCIES}")
    policy["definition"] |= {"max-length-bytes": 5_000_000, "overflow": "drop-head"}
    call("PUT", f"policies/{{}}/{policies.AGENCIES}", policy)
    assert found(run("check", "-o", "json")) == {f"policy {policies.AGENCIES}": "says something else"}
    assert run("apply").output == f"set policy {policies.AGENCIES}\n"
    now = call("GET", f"policies/{{}}/{policies.AGENCIES}")["definition"]
    assert (now["max-length-bytes"], now["overflow"]) == (5_000_000, "reject-publish")


def test_queues_of_events_are_left_to_their_workers_which_know_what_is_missing_in_them(run: Run) -> None:
    run("apply")
    report = json.loads(run("check", "-o", "json").output)["findings"]
    (queue,) = [each for each in report if each["where"] == "queue notify.events"]
    assert (queue["what"], "motcua worker notify" in queue["mend"]) == ("is missing", True)


def test_a_queue_left_over_from_another_number_of_shards_is_named(run: Run, declared: Connection) -> None:
    run("apply")
    result = run("check", "-o", "json", EVENT_SHARDS="2")
    assert "read by no worker" in found(result, "warning")["queue notify.events"]
    assert found(result)["queue notify.events.0"] == "is missing"
    assert len(found(result)["binding motcua.events -> notify.events.1"].split(",")) > 32


def test_a_lost_binding_is_left_to_the_worker_and_one_too_many_to_prune(
    run: Run, declared: Connection, call: Call
) -> None:
    run("apply")
    channel = declared.default_channel
    channel.queue_unbind("notify.events", "motcua.events", "dossier.submitted.*")
    channel.queue_declare("archive", durable=True, auto_delete=False)
    channel.queue_bind("archive", "motcua.events", "#")
    result = run("check", "-o", "json")
    assert "lacks 1: dossier.submitted.*" in found(result)["binding motcua.events -> notify.events"]
    assert "binding motcua.events -> archive" in found(result, "warning")
    assert run("apply").output.startswith("Nothing to do")
    assert run("apply", "--prune").output == "took archive off motcua.events for #\n"
    assert "archive" in {each["name"] for each in call("GET", "queues/{}")}
    assert not [b for b in call("GET", "queues/{}/archive/bindings") if b["source"]]


def test_a_queue_declared_otherwise_is_named_with_what_differs_and_is_not_touched(
    run: Run, virtual_host: str
) -> None:
    with Connection(virtual_host) as operator:
        operator.default_channel.queue_declare(
            "notify.events", durable=True, auto_delete=False, arguments={"x-queue-type": "classic"}
        )
        operator.default_channel.basic_publish(amqp.Message(b"kept"), routing_key="notify.events")
        assert run("apply").exit_code == 0
        what = found(run("check", "-o", "json"))["queue notify.events"]
        assert "x-delivery-limit" in what
        assert "x-queue-type" in what
        assert operator.default_channel.basic_get("notify.events").body == b"kept"


def test_a_queue_nobody_consumes_from_and_dead_letters_are_warnings(run: Run, declared: Connection) -> None:
    run("apply")
    declared.default_channel.basic_publish(amqp.Message(b"?"), routing_key="notify.events.dead")
    warned: dict[str, str] = {}

    def shown() -> bool:
        result = run("check", "-o", "json")
        assert result.exit_code == 0
        warned.update(found(result, "warning"))
        return {"queue notify.events", "queue notify.events.dead"} <= warned.keys()

    eventually(shown)  # the broker counts with a delay, each queue on its own
    assert warned["queue notify.events"] == "has no consumer"
    assert "1 messages" in warned["queue notify.events.dead"]


def test_what_was_not_looked_at_is_said(run: Run) -> None:
    assert "NOTIFY_DATABASE_URL" in run("check").output
    assert "notify" in found(run("check", "-o", "json"), "unseen")


def test_alarms_old_brokers_and_lost_flags_are_wrong(run: Run) -> None:
    node = {"name": "rabbit@a", "mem_alarm": True, "disk_free_alarm": True, "partitions": ["rabbit@b"]}
    old = check.Broker((3, 9, 27), [node], {"stream_queue": "disabled"}, {}, {}, {}, {}, [])
    said = [each.what for each in check.server(old)]
    for word in ("3.9.27", "stream_queue", "memory alarm", "disk alarm", "cut off from rabbit@b"):
        assert any(word in what for what in said), word


def test_what_a_broker_without_metrics_does_not_show_is_not_taken_for_nothing() -> None:
    """4.x with `deprecated_features.permit.management_metrics_collection = false` answers so."""
    topics = {"notify.events": Interest(["motcua.dossier.submitted.v1"])}
    wanted = plan.of(topics, {})
    bare = {name: {"arguments": given, "durable": True} for name, given in wanted.queues.items()}
    node = {"name": "rabbit@a", "running": True}
    silent = check.Broker((4, 0, 5), [node], {"quorum_queue": "enabled"}, {}, bare, {}, {}, [])
    findings = list(check.look(silent, wanted, ["notify"], {}))
    assert [each.where for each in findings if each.severity == "unseen"] == ["alarms", "queues"]
    assert not [each for each in findings if "has no consumer" in each.what]


def test_from_4_0_on_dead_letters_may_be_looked_at_without_end() -> None:
    def limit(*version: int) -> object:
        return policies.wanted(["notify"], version)[policies.DEAD]["definition"].get("delivery-limit")

    assert (limit(3, 13, 7), limit(4, 0, 5)) == (None, -1)
    assert check.version_of("4.1.0-rc.1") == (4, 1, 0)


def test_exit_codes_tell_an_absent_broker_from_a_missing_setting_and_a_wrong_password(
    run: Run, rabbitmq_management_url: str
) -> None:
    assert run("check", RABBITMQ_MANAGEMENT_URL="http://guest:guest@127.0.0.1:9").exit_code == 75
    assert run("check", RABBITMQ_MANAGEMENT_URL="").exit_code == 2
    host = urllib3.util.parse_url(rabbitmq_management_url)
    refused = run("apply", RABBITMQ_MANAGEMENT_URL=f"http://nobody:wrong@{host.host}:{host.port}")
    assert (refused.exit_code, "refused" in refused.output) == (1, True)


@pytest.fixture
def log_of_dossier(postgres_url: str) -> Iterator[tuple[str, Engine]]:
    """Its database's URL, with 480 events published. What it fills is for the test to say."""
    url = fresh_database(postgres_url, f"log_{uuid4().hex[:8]}")
    engine = open_engine(url, "test")
    tables.metadata.create_all(engine)
    published = {"position": 480, "log_position": 480, "sequence": 1, "recorded_at": datetime.now(UTC)}
    texts = {"subject": "H01-261126-0001", "type": "motcua.dossier.submitted.v1", "body": "{}"}
    with engine.begin() as connection:
        connection.execute(insert(tables.outbox).values(event_id=new_id(), **published, **texts))
    yield url, engine
    engine.dispose()


def fill(engine: Engine, queue: str, **types: int) -> None:
    rows = [
        {"queue": queue, "type": f"motcua.dossier.{name}.v1", "handled": 0, "filled": filled}
        for name, filled in types.items()
    ]
    with engine.begin() as connection:
        connection.execute(insert(tables.subscriptions), rows)


def unbind(connection: Connection, *keys: str) -> None:
    for key in keys:
        connection.default_channel.queue_unbind("notify.events", "motcua.events", f"dossier.{key}.*")


def test_a_queue_that_is_being_filled_lacks_nothing_and_says_how_far_it_is(
    run: Run, declared: Connection, log_of_dossier: tuple[str, Engine]
) -> None:
    url, engine = log_of_dossier
    run("apply")
    fill(engine, "notify.events", submitted=240, accepted=120)
    unbind(declared, "submitted", "accepted")
    assert run("check").exit_code == 1, "nobody could say that it is being filled"
    result = run("check", "-o", "json", DOSSIER_DATABASE_URL=url)
    expected = "is being filled from the log of dossier: 120 of 480"
    assert (result.exit_code, found(result)) == (0, {})
    assert found(result, "filling") == {"queue notify.events": expected}
    told = run("check", DOSSIER_DATABASE_URL=url).output
    assert expected in told
    assert "0 wrong" in told
    assert "1 being filled" in told


def test_beside_what_is_being_filled_a_lost_binding_is_wrong_all_the_same(
    run: Run, declared: Connection, log_of_dossier: tuple[str, Engine]
) -> None:
    url, engine = log_of_dossier
    run("apply")
    fill(engine, "notify.events", submitted=240)
    unbind(declared, "submitted", "accepted")
    result = run("check", "-o", "json", DOSSIER_DATABASE_URL=url)
    assert result.exit_code == 1
    assert found(result) == {"binding motcua.events -> notify.events": "lacks 1: dossier.accepted.*"}
    assert list(found(result, "filling")) == ["queue notify.events"]


def test_a_queue_bound_again_is_well_although_its_source_fills_it_yet(
    run: Run, declared: Connection, log_of_dossier: tuple[str, Engine]
) -> None:
    url, engine = log_of_dossier
    run("apply")
    fill(engine, "notify.events", submitted=240)
    result = run("check", "-o", "json", DOSSIER_DATABASE_URL=url)
    assert (result.exit_code, found(result, "filling")) == (0, {})


def test_a_source_that_cannot_be_asked_is_named(run: Run, declared: Connection) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/none"
    result = run("check", "-o", "json", DOSSIER_DATABASE_URL=nowhere)
    assert "log of dossier" in found(result, "unseen")
