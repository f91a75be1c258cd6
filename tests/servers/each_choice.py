"""The same tests on each choice of servers that README names, or on those that are named here."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests import servers
from tests.servers import containers

TESTS = ("tests/chassis/test_bus_conformance.py", "tests/system/test_main_path.py")
"""What goes over every bus, and the whole portal. Tests that stop a server need one of their own."""
CHOICES = ("given", "containers", "local")
GIVEN = ("TEST_DATABASE_URL", "TEST_AMQP_URL", "TEST_RABBITMQ_MANAGEMENT_URL")


@contextmanager
def given() -> Iterator[dict[str, str]]:
    """Servers of ours, which the tests are told the addresses of only."""
    os.environ["TEST_SERVERS"] = "local"
    with ExitStack() as running:
        postgres, rabbitmq = servers.postgres(), servers.rabbitmq()
        for server in (postgres, rabbitmq):
            running.callback(server.remove)
            server.start()
        yield dict(zip(GIVEN, (postgres.url, rabbitmq.url, rabbitmq.management_url), strict=True))


def run(choice: str, environment: dict[str, str]) -> None:
    """CalledProcessError when a test fails."""
    print(f"\nservers, choice: {choice}", flush=True)
    bare = {name: value for name, value in os.environ.items() if name not in {*GIVEN, "TEST_SERVERS"}}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", *TESTS], env=bare | environment, check=True
    )


def choose(choice: str) -> None:
    if choice == "given":
        with given() as addresses:
            run("given by address", addresses)
    elif choice == "local":
        run("programs of this machine", {"TEST_SERVERS": "local"})
    elif containers.engine_answers():
        run("containers", {"TEST_SERVERS": "containers"})
    else:
        print("\nservers, choice: containers, NOT RUN: no Docker engine answers")


def main() -> None:
    for choice in sys.argv[1:] or CHOICES:
        choose(choice)


if __name__ == "__main__":
    main()
