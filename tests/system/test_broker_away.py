"""The broker is killed, or will not take messages: work is taken on all the same, and readiness says so."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from kombu import Connection

from chassis import backlog, health
from chassis.db import open_engine
from chassis.testing import ServiceUnderTest, settings_environment
from services.dossier.adapters.ports import DossierPorts
from services.dossier.adapters.storage import Folder
from tests import servers
from tests.chassis.test_broker import workers_declare
from tests.dossier.builders import A, Person, agency, procedure
from tests.servers.kinds import free_port
from tests.system.running import PROGRAM, eventually, get

Say = dict[str, Any]
SETTLED_SECONDS = 6


@pytest.fixture(scope="module")
def broker(say: Callable[[str], None]) -> Iterator[servers.RabbitMQ]:
    """One that may be killed."""
    server = servers.rabbitmq()
    say(f"servers: {server.how}, to be killed")
    try:
        server.start()
        settle(server)
        yield server
    finally:
        server.remove()


def settle(server: servers.RabbitMQ) -> None:
    """Its queues, old enough to survive a kill: one whose broker dies right after its first declaration can
    stay without a leader for good."""
    with Connection(server.url) as connection:
        workers_declare(connection.default_channel)
    time.sleep(SETTLED_SECONDS)


@pytest.fixture
def dossier(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceUnderTest]:
    monkeypatch.setattr(backlog, "LATE_SECONDS", 2)
    ports = DossierPorts(Folder(tmp_path / "files", 64 * 1024), most_files=3)
    with ServiceUnderTest.started("dossier", postgres_url, ports=ports, at=datetime.now(UTC)) as sut:
        sut.hear(agency(A))
        sut.hear(procedure())
        yield sut


@contextmanager
def running_worker(sut: ServiceUnderTest, broker: servers.RabbitMQ) -> Iterator[str]:
    """The address of a worker's `/readyz`, in a process of its own as in production."""
    port = free_port()
    environment = os.environ | settings_environment(sut.settings)
    environment |= {"JWKS_URL": sut.settings.jwks_url, "PUBLIC_URL": sut.settings.public_url}
    environment |= {"AMQP_URL": broker.url, "HEALTH_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, "worker", "dossier"], env=environment)
    try:
        yield f"http://127.0.0.1:{port}/readyz"
    finally:
        process.terminate()
        process.wait(30)


def said(status: int, body: bytes) -> Say:
    return {"http": status, **(json.loads(body) if body else {})}


def api(sut: ServiceUnderTest) -> Say:
    answer = sut.app.test_client().get("/readyz")
    return said(answer.status_code, answer.data)


def is_ready(answer: Say) -> bool:
    return (answer["http"], answer.get("status")) == (200, "ready")


def is_degraded(answer: Say) -> bool:
    return (answer["http"], answer.get("status"), answer.get("broker")) == (200, "degraded", "away")


def test_with_the_broker_killed_submissions_are_taken_and_readiness_says_degraded_until_it_is_back(
    dossier: ServiceUnderTest, broker: servers.RabbitMQ
) -> None:
    an = Person.new(dossier)
    with running_worker(dossier, broker) as address:
        eventually(lambda: is_ready(said(*get(address))), 60)
        broker.kill()
        codes = [an.submitted() for _ in range(3)]
        assert len(set(codes)) == 3
        eventually(lambda: is_degraded(said(*get(address))), 30)
        eventually(lambda: is_degraded(api(dossier)), 30)
        waited = api(dossier)["oldest_unsent_seconds"]
        assert waited > 2
        figures = address.replace("readyz", "metrics")
        eventually(lambda: 'motcua_outbox_oldest_seconds{service="dossier"}' in get(figures)[1].decode())
        broker.start()
        eventually(lambda: is_ready(said(*get(address))) and is_ready(api(dossier)), 90)
        assert api(dossier)["oldest_unsent_seconds"] == 0


def test_a_broker_that_takes_no_messages_is_named_as_such(
    dossier: ServiceUnderTest, broker: servers.RabbitMQ
) -> None:
    an = Person.new(dossier)
    with running_worker(dossier, broker) as address:
        eventually(lambda: is_ready(said(*get(address))), 60)
        broker.control("set_vm_memory_high_watermark", "0")
        try:
            an.submitted()
            eventually(lambda: "memory or disk alarm" in said(*get(address)).get("why", ""), 60)
            assert is_degraded(said(*get(address)))
            assert is_degraded(api(dossier))
        finally:
            broker.control("set_vm_memory_high_watermark", "0.4")
        eventually(lambda: is_ready(said(*get(address))) and is_ready(api(dossier)), 90)


def test_without_its_database_a_process_is_not_ready() -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:9/none", "test")
    app = Flask("test", static_folder=None)
    health.add(app, engine)
    answer = app.test_client().get("/readyz")
    engine.dispose()
    assert said(answer.status_code, answer.data) == {"http": 503, "status": "not-ready", "database": "away"}
