import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from tests import servers

Say = Callable[[str], None]
S = TypeVar("S", bound=servers.Server)


def pytest_configure() -> None:
    # An ended run takes its servers with it, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Say:
    """Writes a line on the terminal in the middle of a run."""
    terminal: Any = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    capture: Any = pytestconfig.pluginmanager.get_plugin("capturemanager")

    def write(line: str) -> None:
        with capture.global_and_fixture_disabled():
            terminal.ensure_newline()
            terminal.write_line(line)

    return write


@contextmanager
def running(server: S, say: Say) -> Iterator[S]:
    say(f"servers: {server.how}")
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgres(say: Say) -> Iterator[servers.Postgres]:
    with running(servers.postgres(), say) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: servers.Postgres) -> str:
    """A superuser's URL: create your own databases."""
    return postgres.url


@pytest.fixture(scope="session")
def rabbitmq(say: Say) -> Iterator[servers.RabbitMQ]:
    with running(servers.rabbitmq(), say) as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq_url(rabbitmq: servers.RabbitMQ) -> str:
    """An administrator's URL of the virtual host `/`: create your own virtual hosts."""
    return rabbitmq.url


@pytest.fixture(scope="session")
def rabbitmq_management_url(rabbitmq: servers.RabbitMQ) -> str:
    return rabbitmq.management_url


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser's program."""
    return servers.chromium()
