"""A portal in containers, as README and docs/operating.md have it made: `make up`, `make down`."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import urllib3

from tests.servers import free_port

ROOT = Path(__file__).parents[2]
HOST = "cong.motcua.example"
"""A name that is not localhost; only this test resolves it, to 127.0.0.1."""
FILES = (
    "docker-compose.yml",
    "docker-compose.sandbox.yml",
    "docker-compose.agencies.yml",
    "tests/deploy/quicker.yml",
)
SERVICES = ("identity", "catalog", "dossier", "notify", "feedback")
ROLES = tuple(f"{name}-{role}" for name in SERVICES for role in ("api", "worker"))
STORES = ("postgres", "rabbitmq")
LASTING = (*STORES, *ROLES, "gateway", "sandbox")


class Doors:
    """An HTTP client that knows where HOST is, and whom it has to trust there."""

    def __init__(self, port: int, authority: Path) -> None:
        self._portal = urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            port,
            timeout=urllib3.Timeout(30.0),
            retries=False,
            maxsize=40,
            ca_certs=str(authority),
            server_hostname=HOST,
            assert_hostname=HOST,
        )
        self._others = urllib3.PoolManager(timeout=urllib3.Timeout(30.0), retries=False)
        self._host = f"{HOST}:{port}"

    def request(self, method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
        parts = urlsplit(url)
        if parts.hostname != HOST:
            return self._others.request(method, url, **options)
        headers = dict(options.pop("headers", None) or {}) | {"Host": self._host}
        target = parts._replace(scheme="", netloc="").geturl()
        return self._portal.request(method, target, headers=headers, **options)


@dataclass
class Installation:
    """`project` is the name that compose gives its containers, networks and volumes."""

    folder: Path
    project: str = field(default_factory=lambda: f"motcua-test-{uuid4().hex[:6]}")
    ports: dict[str, int] = field(
        default_factory=lambda: {name: free_port() for name in ("PORT", "SANDBOX_PORT", "AMQPS_PORT")}
    )
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def public_url(self) -> str:
        return f"https://{HOST}:{self.ports['PORT']}"

    @property
    def api(self) -> str:
        return f"{self.public_url}/api/v1"

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports['SANDBOX_PORT']}" if name == "sandbox" else self.public_url

    @property
    def http(self) -> Doors:
        if not hasattr(self, "_doors"):
            self._doors = Doors(self.ports["PORT"], self.secrets / "portal_authority.crt")
        return self._doors

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_FILE": ":".join(FILES),
            "SECRETS": str(self.secrets),
            "PUBLIC_URL": self.public_url,
            "HOSTS": f"{HOST} localhost 127.0.0.1",
            **{name: str(port) for name, port in self.ports.items()},
            **self.extra,
        }

    def shell(self, *command: str) -> str:
        """What it printed; AssertionError with all of that when it failed."""
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=900, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def compose(self, *arguments: str) -> str:
        return self.shell(*COMPOSE, *arguments)

    def up(self) -> str:
        return self.shell("make", "--no-print-directory", "up")

    def down(self) -> str:
        return self.shell("make", "--no-print-directory", "down")

    def containers(self, service: str = "") -> list[str]:
        """Ids of those that run."""
        return self.compose("ps", "--quiet", *([service] if service else [])).split()

    def inspected(self) -> dict[str, Any]:
        """What the engine knows of each running container, by its name."""
        found = json.loads(self.shell("docker", "inspect", *self.containers()))
        return {each["Name"].lstrip("/"): each for each in found if each["State"]["Running"]}

    def inside(self, service: str, *command: str, **environment: str) -> str:
        given = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
        return self.shell(*COMPOSE, "exec", "-T", *given, service, *command)

    def run(self, *arguments: str, **environment: str) -> str:
        """A `motcua` command of an operator, where the service that has it runs."""
        return self.inside(HOMES[arguments[0]], "motcua", *arguments, **environment)

    def messages(self, to: str) -> list[Mapping[str, Any]]:
        answer = self.http.request("GET", self.url("sandbox") + "/messages", fields={"to": to})
        items: list[Mapping[str, Any]] = json.loads(answer.data)["items"]
        return items

    def rows(self, service: str, query: str) -> list[list[str]]:
        said = self.inside(
            "postgres", "psql", "-h", "/run/postgresql", "-U", "postgres", "-d", service, "-At", "-c", query
        )
        return [line.split("|") for line in said.splitlines()]

    def kill(self, container: str) -> None:
        """`kill -9`, and it is started again: by the engine where we may kill as a stranger would."""
        state = json.loads(self.shell("docker", "inspect", container))[0]["State"]
        if os.geteuid() == 0:
            os.kill(state["Pid"], signal.SIGKILL)
        else:  # the engine does not start again what it was told to kill
            self.shell("docker", "kill", container)
            self.shell("docker", "start", container)


HOMES = {
    "official": "identity-api",
    "operator": "identity-api",
    "client": "identity-api",
    "agency": "notify-worker",
}


def _compose() -> Sequence[str]:
    asked = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return ("docker-compose",) if asked.returncode else ("docker", "compose")


COMPOSE = _compose()


@contextmanager
def installed(folder: Path, **extra: str) -> Iterator[Installation]:
    """Up, and taken away whatever happened."""
    installation = Installation(folder, extra=extra)
    try:
        installation.up()
        yield installation
    finally:
        installation.down()
