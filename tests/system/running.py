"""`motcua up` as a process, and what the kernel knows of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import urllib3

from tests.servers.kinds import free_port, is_free
from tests.servers.tied import tied

MARK = "MOTCUA_TEST_MARK"
PROGRAM = "from chassis.cli import main; main()"
START_SECONDS = 90


class Up:
    """One portal with a data directory of its own. What it starts carries `mark` in its environment."""

    def __init__(self, var: Path, port: int, *options: str) -> None:
        self.var, self.port, self.mark = var, port, uuid4().hex
        self.process: subprocess.Popen[str] | None = None
        self.command = [sys.executable, "-c", PROGRAM, "up", "--port", str(port), "--var", str(var), *options]
        self.printed = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def launch(self) -> subprocess.Popen[str]:
        environment = os.environ | {MARK: self.mark}
        self.process = subprocess.Popen(
            tied(self.command), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return self.process

    def start(self) -> float:
        """Seconds until it said that it is ready."""
        began = time.monotonic()
        process = self.launch()
        assert process.stdout is not None
        self.printed = ""
        for line in process.stdout:
            self.printed += line
            if line.startswith("ready"):
                return time.monotonic() - began
        raise AssertionError(f"it ended before it was ready:\n{self.printed}")

    def again(self) -> subprocess.CompletedProcess[str]:
        """What a second start of the same says."""
        return subprocess.run(
            self.command, capture_output=True, text=True, timeout=START_SECONDS, check=False
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Seconds until it has ended."""
        began = time.monotonic()
        assert self.process is not None
        self.process.send_signal(how)
        self.process.communicate(timeout=30)
        return time.monotonic() - began

    def processes(self) -> list[int]:
        """All that live and were started by it, whatever became of their parents.

        PostgreSQL writes over its environment, but works in its directory of files.
        """
        mark, files = f"{MARK}={self.mark}".encode(), str(self.var / "postgres")
        return [
            pid
            for pid in _pids()
            if mark in _read(pid, "environ").split(b"\0") or _link(pid, "cwd").startswith(files)
        ]

    def pids_of(self, log: str) -> list[int]:
        """Those whose output goes to that log."""
        path = str(self.var / "log" / f"{log}.log")
        return [pid for pid in self.processes() if _link(pid, "fd/1") == path]

    def memory(self) -> int:
        """Bytes: the proportional share (PSS) of each process, shared pages counted once in all."""
        return sum(pss(pid) for pid in self.processes())

    def kill_whatever_is_left(self) -> None:
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.communicate()


def free_ports() -> int:
    """A port that is free, and so is the next."""
    while not is_free((port := free_port()) + 1):
        pass
    return port


def get(url: str) -> tuple[int, bytes]:
    """Status 0 when nobody answers."""
    try:
        answer = urllib3.request("GET", url, timeout=5.0, retries=False, headers={"Connection": "close"})
    except urllib3.exceptions.HTTPError:
        return 0, b""
    return answer.status, answer.data


def eventually(holds: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "not so in time"
        time.sleep(0.1)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _link(pid: int, name: str) -> str:
    try:
        return str(Path(f"/proc/{pid}/{name}").readlink())
    except OSError:
        return ""


def pss(pid: int) -> int:
    lines = _read(pid, "smaps_rollup").decode().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
