"""One portal per data directory."""

import fcntl
import os
from pathlib import Path


class AlreadyRunning(Exception):
    """`url` is where the other one answers."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def take(var: Path) -> int:
    """The open lock file, held until this process ends. AlreadyRunning when another process holds it."""
    file = os.open(var / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        url = os.read(file, 200).decode()
        os.close(file)
        raise AlreadyRunning(url) from None
    return file


def say_where(file: int, url: str) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, url.encode(), 0)
