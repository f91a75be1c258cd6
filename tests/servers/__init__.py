"""Real servers for tests: given by URL, in containers, or started here; never a stand-in, never skipped.

TEST_SERVERS=containers or =local forces one choice; TEST_RABBITMQ is an image's name (rabbitmq:4-management)
or a program's path, and forces that one. All of them listen on 127.0.0.1 only, keep their
port and data when they are killed and started again, and are gone with `remove`.
"""

import os
import shutil
from pathlib import Path

from tests.servers import containers, local
from tests.servers.kinds import NoServer, Postgres, RabbitMQ, Server, free_port

__all__ = [
    "NoServer",
    "Postgres",
    "RabbitMQ",
    "Server",
    "chromium",
    "free_port",
    "postgres",
    "rabbitmq",
    "token_module",
]


def postgres(as_in_production: bool = False) -> Postgres:
    """A PostgreSQL, not yet started, quick unless it is to write as in production. NoServer when there is
    none to be had."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return Postgres(given, _Given("PostgreSQL at TEST_DATABASE_URL"))
    options = Postgres.OPTIONS if as_in_production else Postgres.OPTIONS + Postgres.QUICK
    in_container = _use_containers(containers.POSTGRES_IMAGE)
    return containers.postgres(options) if in_container else local.postgres(options)


def rabbitmq(data: Path | None = None) -> RabbitMQ:
    """A RabbitMQ with its management plug-in, not yet started. NoServer when there is none to be had.

    `data`: the folder for its data; then it is always a program of this machine.
    """
    if data:
        return local.rabbitmq(data=data)
    given = os.environ.get("TEST_AMQP_URL")
    if given:
        management_url = os.environ.get("TEST_RABBITMQ_MANAGEMENT_URL")
        if not management_url:
            raise NoServer("set TEST_RABBITMQ_MANAGEMENT_URL (http://user:password@host:port) too")
        return RabbitMQ(given, management_url, _Given("RabbitMQ at TEST_AMQP_URL"))
    if chosen := os.environ.get("TEST_RABBITMQ"):
        return _chosen_rabbitmq(chosen)
    image = containers.RABBITMQ_IMAGE
    return containers.rabbitmq(image) if _use_containers(image) else local.rabbitmq()


def _chosen_rabbitmq(chosen: str) -> RabbitMQ:
    """`chosen` is a program's path when it begins with a slash, else an image's name."""
    if chosen.startswith("/"):
        return local.rabbitmq(chosen)
    if problem := containers.why_not(chosen):
        raise NoServer(f"TEST_RABBITMQ={chosen}, but {problem}")
    return containers.rabbitmq(chosen)


def chromium() -> str:
    """The browser's program. NoServer when there is none."""
    names = (os.environ.get("TEST_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    for name in names:
        path = name and shutil.which(name)
        if path:
            return path
    raise NoServer("Chromium is needed: type `apt-get install chromium`, or set TEST_CHROMIUM to its path")


def token_module() -> str:
    """The PKCS#11 library of SoftHSM2, a token in software. NoServer when there is none, or no OpenSC."""
    missing = [name for name in ("softhsm2-util", "pkcs11-tool") if not shutil.which(name)]
    found = sorted(Path("/usr/lib").glob("**/libsofthsm2.so"))
    if missing or not found:
        raise NoServer("A token in software is needed: type `apt-get install softhsm2 opensc`")
    return str(found[0])


def _use_containers(image: str) -> bool:
    """Whether to use a container. NoServer when that was asked for and cannot be."""
    wanted = os.environ.get("TEST_SERVERS", "")
    if wanted not in ("", "containers", "local"):
        raise NoServer(f"TEST_SERVERS is {wanted!r}; it may be `containers` or `local`")
    problem = "local servers asked for" if wanted == "local" else containers.why_not(image)
    if problem and wanted == "containers":
        raise NoServer(f"TEST_SERVERS=containers, but {problem}")
    return not problem


class _Given:
    """A server that is somebody else's: used, never stopped."""

    def __init__(self, how: str) -> None:
        self.how = how

    def start(self) -> None:
        pass

    def remove(self) -> None:
        pass

    def stop(self) -> None:
        raise NoServer(f"{self.how} is not ours to stop: unset the variable to run this test")

    def control(self, *_words: str) -> None:
        self.stop()

    kill = stop
    wipe = stop
    freeze = stop
    wake = stop
