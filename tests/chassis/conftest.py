from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chassis import needs, worker
from chassis import service as services
from chassis.bus import Bus
from chassis.bus.amqp import AmqpBus
from chassis.bus.embedded import EmbeddedBus
from chassis.doctor.settings import parts
from chassis.service import Service
from tests import servers
from tests.chassis import installed
from tests.chassis.saved import Installation, empty, in_use
from tests.chassis.toys import Toy, toy
from tests.conftest import Say, running
from tests.servers import virtual_hosts


@pytest.fixture
def virtual_host(rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[str]:
    """A URL to a broker of the test's own."""
    with virtual_hosts.virtual_host(rabbitmq_url, rabbitmq_management_url) as url:
        yield url


@dataclass
class House:
    """`shards`: into how many queues each subscriber's events are divided."""

    north: Toy
    south: Toy
    east: Toy
    broker: str | None
    shards: int = 1

    @cached_property
    def _in_process(self) -> Bus:
        """One for all: it carries only what speaks and hears in the same process."""
        return EmbeddedBus(worker.topics(self._services), worker.doors(self._services))

    @property
    def _services(self) -> list[Service]:
        return [one.service for one in (self.north, self.south, self.east)]

    def make_bus(self) -> Bus:
        if self.broker is None:
            return self._in_process
        topics = worker.topics(self._services, self.shards)
        return AmqpBus(self.broker, topics, worker.doors(self._services))

    def start(self, *toys: Toy) -> None:
        bus = self.make_bus()
        for one in toys or (self.south, self.east, self.north):
            one.start(bus)

    def stop(self) -> None:
        for one in (self.north, self.south, self.east):
            one.stop()


@contextmanager
def house_of_toys(postgres_url: str, broker: str | None) -> Iterator[House]:
    with toy("north", postgres_url) as north, toy("south", postgres_url) as south:  # noqa: SIM117
        with toy("east", postgres_url) as east:
            yield House(north, south, east, broker)


@pytest.fixture(params=["embedded", "rabbitmq"])
def house(request: Any, postgres_url: str) -> Iterator[House]:
    """Three services and a bus; the same tests must pass on both carriers."""
    broker = request.getfixturevalue("virtual_host") if request.param == "rabbitmq" else None
    with house_of_toys(postgres_url, broker) as made:
        yield made


@pytest.fixture
def house_on_broker(postgres_url: str, virtual_host: str) -> Iterator[House]:
    with house_of_toys(postgres_url, virtual_host) as made:
        yield made


@pytest.fixture(scope="session")
def broker_of_its_own(say: Say) -> Iterator[servers.RabbitMQ]:
    """One that may be wiped, and whose accounts may be changed: those are of the whole broker."""
    with running(servers.rabbitmq(), say) as server:
        yield server


@pytest.fixture(scope="session")
def installation(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Its settings. Whoever changes its databases changes them back."""
    return installed.install(postgres_url, tmp_path_factory.mktemp("files"))


@pytest.fixture
def doctor(installation: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[installed.Doctor]:
    """`motcua doctor` on that installation, all of whose processes answer; without a broker."""
    for part in parts():
        for need in (*part.needs, *needs.SHARED):
            monkeypatch.delenv(need.name, raising=False)
            monkeypatch.delenv(f"{need.name}_FILE", raising=False)
    with installed.answering() as portal:
        urls = {f"{name.upper()}_URL": portal.url for name in services.names()}
        urls |= {"PUBLIC_URL": portal.url, "JWKS_URL": f"{portal.url}/api/v1/jwks"}
        yield installed.Doctor(installation | urls, portal)


@pytest.fixture
def there(tmp_path: Path, postgres_url: str) -> Installation:
    return in_use(tmp_path / "there", postgres_url)


@pytest.fixture
def folder(tmp_path: Path, there: Installation) -> Path:
    made = tmp_path / "backup"
    assert there.run("backup", str(made)).exit_code == 0
    return made


@pytest.fixture
def fresh(tmp_path: Path, postgres_url: str) -> Iterator[Installation]:
    made = empty(tmp_path / "fresh", postgres_url)
    yield made
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in services.names():
            database = made.url(name).rpartition("/")[2]
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())
