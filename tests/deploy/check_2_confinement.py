"""What a container may do, whom it reaches, and what of it the world sees."""

import re

import pytest

from tests.deploy.installation import LASTING, SERVICES, STORES, Installation

HEALTH_CHECK = re.compile(r"pg_isready|/dev/tcp")
"""Of the stores' official images, by their root, for a moment."""
OURS = [name for name in LASTING if name not in STORES]
CONNECT = """
import os, sys
from pathlib import Path
from urllib.parse import urlsplit
import psycopg
own = urlsplit(Path(os.environ[sys.argv[1]]).read_text())
for name in sys.argv[2:]:
    try:
        psycopg.connect(own._replace(path="/" + name).geturl()).close()
    except psycopg.OperationalError as error:
        print(name, "refused" if "permission denied" in str(error) else error)
    else:
        print(name, "open")
"""
WRITE = "for f in /probe /opt/motcua/probe /usr/probe; do touch $f 2>&1; done; touch /tmp/probe && echo done"
IMPORT = """
import importlib
for name in ("sandbox", "motcua_agency", "pip"):
    try:
        importlib.import_module(name)
        print(name)
    except ModuleNotFoundError:
        pass
"""


def service_of(container: dict[str, object]) -> str:
    return str(container["Config"]["Labels"]["com.docker.compose.service"])  # type: ignore[index]


@pytest.fixture(scope="module")
def running(installation: Installation) -> dict[str, dict[str, object]]:
    """By service."""
    return {service_of(each): each for each in installation.inspected().values()}


def test_all_that_must_run_runs(running: dict[str, object]) -> None:
    assert running.keys() == set(LASTING)


def test_no_process_runs_as_root(installation: Installation) -> None:
    seen: dict[str, int] = {}
    for name in installation.inspected():
        lines = installation.shell("docker", "top", name, "-eo", "uid,pid,args").splitlines()[1:]
        seen |= {f"{name} {line.split(None, 1)[1]}": int(line.split()[0]) for line in lines}
    seen = {process: user for process, user in seen.items() if not HEALTH_CHECK.search(process)}
    print(f"{len(seen)} processes")
    assert len(seen) >= len(LASTING)
    assert {process for process, user in seen.items() if user == 0} == set()


def test_only_the_gateway_is_published_and_what_was_asked_for(
    installation: Installation, running: dict[str, dict[str, object]]
) -> None:
    published = {
        (service, inside, bound["HostIp"], int(bound["HostPort"]))
        for service, each in running.items()
        for inside, places in each["NetworkSettings"]["Ports"].items()  # type: ignore[index]
        for bound in places or []
    }
    ports = installation.ports
    assert published == {
        ("gateway", "8443/tcp", "127.0.0.1", ports["PORT"]),
        ("sandbox", "8001/tcp", "127.0.0.1", ports["SANDBOX_PORT"]),
        ("rabbitmq", "5671/tcp", "127.0.0.1", ports["AMQPS_PORT"]),
    }


@pytest.mark.parametrize("service", OURS)
def test_nothing_can_be_written_but_where_it_must_be(
    installation: Installation, running: dict[str, dict[str, object]], service: str
) -> None:
    host = running[service]["HostConfig"]
    assert host["ReadonlyRootfs"]  # type: ignore[index]
    assert host["CapDrop"] == ["ALL"]  # type: ignore[index]
    assert host["Memory"] > 0  # type: ignore[index]
    probe = (
        "for f in /probe /opt/motcua/probe /usr/probe; do touch $f 2>&1; done; touch /tmp/probe && echo done"
    )
    said = installation.inside(service, "sh", "-c", probe)
    assert said.count("Read-only file system") == 3
    assert said.splitlines()[-1] == "done"


def test_no_secret_is_in_what_the_engine_shows(installation: Installation) -> None:
    shown = installation.shell("docker", "inspect", *installation.containers())
    shown += installation.compose("config") + installation.compose("top")
    kept = [file.read_text().strip() for file in installation.secrets.iterdir()]
    assert len(kept) > 30
    assert [secret for secret in kept if secret in shown] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reaches_its_own_database_and_no_other(installation: Installation, service: str) -> None:
    others = [name for name in (*SERVICES, "postgres", "template1") if name != service]
    setting = f"{service.upper()}_DATABASE_URL_FILE"
    said = installation.inside(f"{service}-api", "python", "-c", CONNECT, setting, service, *others)
    assert dict(line.split(" ", 1) for line in said.splitlines()) == {
        service: "open",
        **dict.fromkeys(others, "refused"),
    }


def test_the_gateway_reaches_neither_database_nor_broker(installation: Installation) -> None:
    probe = "import socket, sys\ntry: socket.getaddrinfo(sys.argv[1], 1)\nexcept OSError: print('unknown')"
    for store in STORES:
        assert installation.inside("gateway", "python", "-c", probe, store) == "unknown\n"


def test_production_has_no_sandbox_and_no_way_to_install_one(installation: Installation) -> None:
    assert installation.inside("dossier-api", "python", "-c", IMPORT) == ""
    assert installation.inside("sandbox", "python", "-c", IMPORT).split() == ["sandbox", "motcua_agency"]


def test_the_image_is_at_most_250_mb_over_its_base(installation: Installation) -> None:
    sizes = {
        image: int(installation.shell("docker", "image", "inspect", "--format", "{{.Size}}", image))
        for image in ("motcua:latest", installation.shell("make", "-s", "base-image").strip())
    }
    over = (sizes.pop("motcua:latest") - sizes.popitem()[1]) / 1_000_000
    print(f"the image is {over:.0f} MB over its base")
    assert over <= 250
