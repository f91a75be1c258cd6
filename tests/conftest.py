import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests import parallel, servers
from tests.system.caller import Caller, official
from tests.system.portal import Portal, running_portal

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
Say = Callable[[str], None]
S = TypeVar("S", bound=servers.Server)


# No test fails because the machine was busy.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_configure() -> None:
    # An ended run takes its servers with it, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    return parallel.processes(os.environ)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> parallel.Spread:
    config.option.loadscopereorder = False  # the order is ours
    return parallel.Spread(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: parallel.rank(item.nodeid))


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Say:
    """Writes a line on the terminal in the middle of a run."""
    terminal: Any = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    capture: Any = pytestconfig.pluginmanager.get_plugin("capturemanager")

    def write(line: str) -> None:
        with capture.global_and_fixture_disabled():
            if terminal is None:  # a worker has none
                print(line, file=sys.stderr, flush=True)
                return
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


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for the whole run; each test opens contexts of its own."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield found
        found.close()


@pytest.fixture(scope="session")
def portal(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_url: str,
    rabbitmq_url: str,
    rabbitmq_management_url: str,
) -> Iterator[Portal]:
    """The whole portal, for the tests that go through its outer doors."""
    folder = tmp_path_factory.mktemp("portal")
    with running_portal(folder, postgres_url, rabbitmq_url, rabbitmq_management_url) as running:
        yield running


@pytest.fixture(scope="session")
def officials(portal: Portal) -> dict[str, Caller]:
    """A logged-in official of each of two agencies."""
    phones = {"H01": "0912345671", "G01": "0912345672"}
    return {agency: official(portal, agency, f"canbo.{agency.lower()}", phones[agency]) for agency in phones}
