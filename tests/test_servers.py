"""The servers of the tests themselves: what resilience tests do to them."""

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pika
import psycopg
import pytest

from tests import servers
from tests.conftest import Say, running
from tests.servers import containers

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def own_postgres(say: Say) -> Iterator[servers.Postgres]:
    with running(servers.postgres(), say) as server:
        yield server


@pytest.fixture(scope="module")
def own_rabbitmq(say: Say) -> Iterator[servers.RabbitMQ]:
    with running(servers.rabbitmq(), say) as server:
        yield server


def test_a_killed_postgresql_comes_back_with_its_data_at_the_same_port(
    own_postgres: servers.Postgres,
) -> None:
    with psycopg.connect(own_postgres.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS it")
    own_postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(own_postgres.url, connect_timeout=2)
    own_postgres.start()
    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute("SELECT it FROM kept").fetchone() == (1,)


def test_postgresql_has_what_the_services_need(own_postgres: servers.Postgres) -> None:
    with psycopg.connect(own_postgres.url) as connection:
        connection.execute("CREATE EXTENSION unaccent")
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT lower('ĐƯỜNG')").fetchone() == ("đường",)


def test_a_killed_rabbitmq_keeps_a_confirmed_message_in_a_quorum_queue(
    own_rabbitmq: servers.RabbitMQ,
) -> None:
    with pika.BlockingConnection(pika.URLParameters(own_rabbitmq.url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        channel.basic_publish("", "kept", b"it", pika.BasicProperties(delivery_mode=2), mandatory=True)
    # A queue declared less than about a second before its broker is killed never finds its leader
    # again (seen on 3.10 and 4.0): its name is not yet on disk.
    time.sleep(3)
    own_rabbitmq.restart()
    with pika.BlockingConnection(pika.URLParameters(own_rabbitmq.url)) as connection:
        assert connection.channel().basic_get("kept")[2] == b"it"


def test_no_server_listens_beyond_this_machine(
    own_postgres: servers.Postgres, own_rabbitmq: servers.RabbitMQ
) -> None:
    open_to_all = [line for line in listening() if line.endswith(" 00000000")]
    ports = {int(url.rpartition(":")[2].split("/")[0]) for url in (own_postgres.url, own_rabbitmq.url)}
    assert not [line for line in open_to_all if int(line.split()[0]) in ports]
    programs = subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout
    assert "motcua-test-rabbitmq" not in programs or "{127,0,0,1}" in programs


def listening() -> list[str]:
    """`<port> <address>` of every socket that listens on IPv4, the address in hexadecimal."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = [row[1].split(":") for row in rows if row[3] == "0A"]
    return [f"{int(port, 16)} {address}" for address, port in addresses]


def test_a_server_given_by_url_is_never_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://somebody@127.0.0.1:1/elses")
    given = servers.postgres()
    given.remove()
    with pytest.raises(servers.NoServer, match="not ours to stop"):
        given.kill()


def test_a_forced_choice_that_cannot_be_kept_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setenv("TEST_SERVERS", "containers")
    monkeypatch.setattr("tests.servers.containers.POSTGRES_IMAGE", "localhost:1/no-such-image:1")
    with pytest.raises(servers.NoServer, match="TEST_SERVERS=containers, but"):
        servers.postgres()
    monkeypatch.setenv("TEST_SERVERS", "docker")
    with pytest.raises(servers.NoServer, match="may be"):
        servers.postgres()


def test_an_engine_that_is_not_there_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    containers.engine_answers.cache_clear()
    assert containers.why_not("postgres:17") == "no Docker engine answers"
    gc.collect()
    containers.engine_answers.cache_clear()


STARTS_BOTH = """
import time
from tests import servers
for server in (servers.postgres(), servers.rabbitmq()):
    server.start()
    print(server.url, flush=True)
time.sleep(600)
"""


def answers(url: str) -> bool:
    at = urlsplit(url)
    try:
        socket.create_connection((at.hostname, at.port), timeout=2).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing ties a process to another")
def test_servers_end_with_the_process_that_started_them_even_when_it_is_killed() -> None:
    command = [sys.executable, "-W", "ignore", "-c", STARTS_BOTH]
    local = os.environ | {"TEST_SERVERS": "local", "TEST_DATABASE_URL": "", "TEST_AMQP_URL": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=local, cwd=ROOT) as process:
        assert process.stdout is not None
        urls = [process.stdout.readline() for _ in range(2)]
        assert all(answers(url) for url in urls)
        process.kill()
    until = time.monotonic() + 60
    while any(answers(url) for url in urls):
        assert time.monotonic() < until, "they are still there"
        time.sleep(0.1)
