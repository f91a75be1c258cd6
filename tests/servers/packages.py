"""Debian's packages, for what tests need and cannot find. Only as root on Debian or Ubuntu."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

APT = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=600"]
POLICY = Path("/usr/sbin/policy-rc.d")


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str]) -> None:
    print(f"installing {' '.join(packages)} by apt-get", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with nothing_started():
        subprocess.run([*APT, "update"], check=True, env=quiet)
        subprocess.run([*APT, "install", "-y", "--no-install-recommends", *packages], check=True, env=quiet)


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
