"""Servers in containers of the machine's Docker engine."""

import gc
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from tests.servers import tls
from tests.servers.kinds import Postgres, RabbitMQ, free_port

POSTGRES_IMAGE = "postgres:17"
RABBITMQ_IMAGE = "rabbitmq:4-management"


def postgres(options: Sequence[str]) -> Postgres:
    from testcontainers.community.postgres import PostgresContainer

    port = free_port()
    container = PostgresContainer(POSTGRES_IMAGE, username="postgres", password="motcua", dbname="postgres")
    container.with_command(["postgres", *options])
    url = f"postgresql://postgres:motcua@127.0.0.1:{port}/postgres"
    return Postgres(url, _Container(container, {5432: port}))


def rabbitmq(image: str) -> RabbitMQ:
    from testcontainers.community.rabbitmq import RabbitMqContainer

    port, secure, management = free_port(), free_port(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="motcua-test-tls-"))
    folder.chmod(0o755)
    ca = tls.write(folder)
    (folder / "rabbitmq.conf").write_text(tls.lines("5671", "/motcua"))
    container = RabbitMqContainer(image, username="motcua", password="motcua")
    container.with_volume_mapping(folder, "/motcua").with_env("RABBITMQ_CONFIG_FILE", "/motcua/rabbitmq.conf")
    return RabbitMQ(
        f"amqp://motcua:motcua@127.0.0.1:{port}/%2F",
        f"http://motcua:motcua@127.0.0.1:{management}",
        _Container(container, {5672: port, 5671: secure, 15672: management}, folder),
        tls.Tls(f"amqps://motcua:motcua@{tls.HOST}:{secure}/%2F", ca),
    )


def why_not(image: str) -> str | None:
    # Nothing outlives the run, and the reaper's image may not be at hand.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    os.environ.setdefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
    os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
    if not engine_answers():
        return "no Docker engine answers"
    import docker

    client = docker.from_env(timeout=120)
    try:
        client.images.get(image)
    except docker.errors.ImageNotFound:
        return _why_not_pulled(client, image)
    finally:
        client.close()
    return None


@cache
def engine_answers() -> bool:
    """Where none answers, docker's client leaves a socket open: it is collected here, not in some test."""
    import docker

    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        try:
            docker.from_env(timeout=120).close()
        except docker.errors.DockerException:
            answers = False
        else:
            answers = True
        gc.collect()
    return answers


def _why_not_pulled(client: Any, image: str) -> str | None:
    import docker

    print(f"pulling {image} ...", file=sys.__stderr__)
    try:
        client.images.pull(image)
    except (docker.errors.DockerException, OSError) as problem:
        return f"the image {image} is not here and cannot be pulled: {problem}"
    return None


class _Container:
    def __init__(self, container: Any, ports: Mapping[int, int], folder: Path | None = None) -> None:
        self.how = f"container {container.image}"
        self._folder = folder
        self._container = container
        self._created = False
        published = cast("dict[str, Any]", container.ports)
        for inside, outside in ports.items():
            published[str(inside)] = ("127.0.0.1", outside)

    def start(self) -> None:
        if self._created:
            self._container.get_wrapped_container().start()
            return
        self._created = True
        self._container.start()

    def stop(self) -> None:
        self._container.get_wrapped_container().stop(timeout=30)

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def freeze(self) -> None:
        self._container.get_wrapped_container().pause()

    def wake(self) -> None:
        self._container.get_wrapped_container().unpause()

    def control(self, *words: str) -> None:
        code, said = self._container.get_wrapped_container().exec_run(["rabbitmqctl", *words])
        if code:
            raise RuntimeError(f"rabbitmqctl {' '.join(words)}: {said!r}")

    def remove(self) -> None:
        self._container.stop()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def wipe(self) -> None:
        self.kill()
        self._container.stop()
        self._created = False
