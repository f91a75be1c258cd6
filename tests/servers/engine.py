"""A Docker engine, and what the containers of tests are made from: `python -m tests.servers.engine COMMAND`.

Runs the command with an engine that answers. Where none does, and this is root on Debian, one is installed,
started, and ended with the command. Exit code 75: no engine can be had here, and the last line says why; else
the command's.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.servers import base_images, packages
from tests.servers.kinds import NoServer

NO_ENGINE = 75
PROGRAMS = {"dockerd": "docker.io", "iptables": "iptables", "docker-compose": "docker-compose"}


def answers() -> bool:
    """Whether `docker` and the engine behind it do."""
    try:
        return not subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=60).returncode
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


@contextmanager
def engine() -> Iterator[None]:
    """NoServer when there is none, and none can be started."""
    if answers():
        yield
        return
    if os.environ.get("DOCKER_HOST") or not packages.can_install():
        raise NoServer("no Docker engine answers, and one is started only as root on Debian")
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if missing:
        packages.install(missing)
    with _started():
        yield


@contextmanager
def _started() -> Iterator[None]:
    with tempfile.TemporaryFile() as log, subprocess.Popen(["dockerd"], stdout=log, stderr=log) as daemon:
        try:
            _wait(daemon)
            yield
        finally:
            daemon.terminate()


def _wait(daemon: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while not answers():
        if daemon.poll() is not None or time.monotonic() > until:
            raise NoServer("a Docker engine was installed, but it does not start here")
        time.sleep(0.5)


def main(command: Sequence[str]) -> int:
    try:
        with engine():
            base_images.provide()
            return subprocess.run(command, check=False).returncode
    except NoServer as reason:
        print(reason, file=sys.stderr)
        return NO_ENGINE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
