"""The whole portal as an operator would run it: each role a process of its own, events over RabbitMQ."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import urllib3

from chassis import service as services
from chassis.bus import topology
from chassis.installation import secrets
from chassis.testing import fresh_database
from sandbox.upstream import provider
from tests.servers.kinds import free_port
from tests.servers.tied import tied

READY_SECONDS = 120.0
PUBLIC = ("gateway", "sandbox")
# Accounts are of a whole broker, which portals of one run share.
BROKER_ACCOUNTS = {name: secrets.password() for name in services.names()}


class Portal:
    """`roles` are the processes by name: `<service>-api`, `<service>-worker`, `gateway`, `sandbox`.

    A `<service>-worker.2` may be started beside them, as a stand-by.
    """

    def __init__(self, folder: Path, postgres_url: str, amqp_url: str, management_url: str) -> None:
        self.folder = folder
        self._ports = {name: free_port() for name in (*services.names(), *PUBLIC)}
        self._postgres_url = postgres_url
        self.environment = {**os.environ, **self._settings(postgres_url, amqp_url, management_url)}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.http = urllib3.PoolManager(timeout=urllib3.Timeout(15.0), retries=False, maxsize=40)

    @property
    def roles(self) -> list[str]:
        return [f"{name}-{role}" for name in services.names() for role in ("api", "worker")] + [*PUBLIC]

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    @property
    def api(self) -> str:
        return self.url("gateway") + "/api/v1"

    def _settings(self, postgres_url: str, amqp_url: str, management_url: str) -> dict[str, str]:
        run = uuid4().hex[:8]
        settings = {
            "AMQP_URL": amqp_url,
            "RABBITMQ_MANAGEMENT_URL": management_url,
            "BROKER_ACCOUNTS": json.dumps(BROKER_ACCOUNTS),
            "PUBLIC_URL": self.url("gateway"),
            "JWKS_URL": self.url("identity") + "/api/v1/jwks",
            "FILES_DIR": str(self.folder / "files"),
            "SEAL_KEYS": secrets.seal_rings(services.names()),
            "GATEWAY_SECRET_KEY": secrets.password(),
            "CODES_PER_DAY": "100",
            # On a busy machine the browser's tests outlast ten minutes, and share their people's tokens.
            "ACCESS_LIFETIME": "2h",
            "CODE_RESEND_AFTER": "3s",
            "SANDBOX_MOST_MESSAGES": "1000000",
            "DATABASE_POOL_SIZE": "6",
            "WEBHOOK_PRIVATE_ADDRESSES": "allow",
        }
        for name in services.names():
            upper = name.upper()
            settings[f"{upper}_URL"] = self.url(name)
            settings[f"{upper}_DATABASE_URL"] = fresh_database(postgres_url, f"system_{name}_{run}")
            settings[f"{upper}_MASTER_KEYS"] = secrets.key_ring()
            settings[f"{upper}_INDEX_KEY"] = secrets.key()
        for gateway in ("SMS", "MAIL"):
            settings[f"{gateway}_GATEWAY_URL"] = self.url("sandbox")
        for register in ("SIM", "INSURANCE", "POPULATION"):
            settings[f"{register}_REGISTER_URL"] = self.url("sandbox")
        above = {"ISSUER": self.url("sandbox") + provider.HOME, "NAME": provider.NAME}
        above |= {"CLIENT_ID": provider.CLIENT_ID, "CLIENT_SECRET": provider.CLIENT_SECRET}
        settings |= {f"UPSTREAM_OIDC_{name}": value for name, value in above.items()}
        settings["MOBILE_SIGNATURE_URL"] = self.url("sandbox")
        settings["CERTIFICATE_ROOTS"] = str(self.folder / "sandbox" / "authority")
        return settings

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A `motcua` command, to its end."""
        try:
            return subprocess.run(
                [motcua(), *arguments],
                env=self.environment | environment,
                capture_output=True,
                text=True,
                check=True,
                timeout=120,
            )
        except subprocess.CalledProcessError as error:
            error.add_note(error.stderr)
            raise

    def prepare(self) -> None:
        self.run("migrate", *services.names(), "--seed")
        self.run("bus", "apply")

    def start(self, *roles: str) -> None:
        for role in roles or self.roles:
            with (self.folder / f"{role}.log").open("ab") as log:
                self._processes[role] = subprocess.Popen(
                    tied([motcua(), *self._arguments(role)]),
                    env=self._environment(role),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def _environment(self, role: str) -> dict[str, str]:
        """Workers come to the broker under their own accounts, and know no password of another's."""
        name, _, kind = role.partition("-")
        if not kind.startswith("worker"):
            return self.environment
        broker = self.environment["AMQP_URL"].split("@", 1)[1]
        own = f"amqp://{topology.account_of(name)}:{quote(BROKER_ACCOUNTS[name], safe='')}@{broker}"
        return self.environment | {"AMQP_URL": own, "BROKER_ACCOUNTS": ""}

    def _arguments(self, role: str) -> list[str]:
        name, _, kind = role.partition("-")
        if kind.startswith("worker"):
            return ["worker", name]
        if kind == "api":
            return ["api", name, "--bind", f"127.0.0.1:{self._ports[name]}"]
        if name == "gateway":
            return ["gateway", "--bind", f"127.0.0.1:{self._ports[name]}", "--workers", "1"]
        return ["sandbox", "--port", str(self._ports[name]), "--data", str(self.folder / "sandbox")]

    def wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        waiting = [*services.names(), *PUBLIC]
        while waiting:
            waiting = [name for name in waiting if not self._answers(name)]
            assert time.monotonic() < until, f"not ready: {waiting}; {self.last_words(waiting)}"
            time.sleep(0.1)

    def _answers(self, name: str) -> bool:
        try:
            path = "/livez" if name == "sandbox" else "/readyz"
            return self.http.request("GET", self.url(name) + path, timeout=2.0).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def last_words(self, names: list[str]) -> str:
        return "\n".join(
            path.read_text(errors="replace")[-1500:]
            for path in sorted(self.folder.glob("*.log"))
            if path.name.split("-")[0].removesuffix(".log") in names
        )

    def send(self, role: str, number: signal.Signals) -> None:
        """To the process and all it started."""
        os.killpg(self._processes[role].pid, number)

    def has_ended(self, role: str) -> bool:
        return self._processes[role].poll() is not None

    def kill(self, role: str) -> None:
        """`kill -9` of the process and all it started."""
        self.send(role, signal.SIGKILL)
        self._processes[role].wait()

    def stop(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.http.clear()

    def messages(self, to: str) -> list[Mapping[str, Any]]:
        """What the sandbox's gateways delivered to a phone or address, newest first."""
        answer = self.http.request("GET", self.url("sandbox") + "/messages", fields={"to": to})
        items: list[Mapping[str, Any]] = json.loads(answer.data)["items"]
        return items


def motcua() -> str:
    return str(Path(sys.executable).parent / "motcua")


@contextmanager
def running_portal(folder: Path, postgres_url: str, amqp_url: str, management_url: str) -> Iterator[Portal]:
    portal = Portal(folder, postgres_url, amqp_url, management_url)
    try:
        portal.prepare()
        portal.start()
        portal.wait_until_ready()
        yield portal
    finally:
        portal.stop()


def eventually(look: Any, within: float = 30.0) -> Any:
    """The first true answer of `look()`."""
    until = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.1)
    return found
