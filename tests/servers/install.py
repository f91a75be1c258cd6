"""Installs, by the system's package manager, the servers that tests cannot find here.

Only as root on Debian or Ubuntu; elsewhere the tests fail with the line to type.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers

APT = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=600"]
POLICY = Path("/usr/sbin/policy-rc.d")


def is_missing(look: Callable[[], object]) -> bool:
    try:
        look()
    except servers.NoServer as reason:
        print(reason)
        return True
    return False


def missing_packages() -> list[str]:
    packages: list[str] = []
    if is_missing(lambda: servers.rabbitmq().remove()):
        packages += ["rabbitmq-server"]
    if is_missing(servers.chromium):
        packages += ["chromium", "fonts-dejavu-core"]
    return packages


@contextmanager
def nothing_started() -> Iterator[None]:
    """Installed programs start no service of their own: it would listen on every address."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def main() -> None:
    packages = missing_packages()
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"installing {' '.join(packages)} by apt-get", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with nothing_started():
        subprocess.run([*APT, "update"], check=True, env=quiet)
        subprocess.run([*APT, "install", "-y", "--no-install-recommends", *packages], check=True, env=quiet)


if __name__ == "__main__":
    main()
