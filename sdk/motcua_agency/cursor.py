"""Where a back office keeps which positions it has."""

import contextlib
import os
from pathlib import Path
from typing import Protocol

from motcua_agency.positions import Positions


class Cursor(Protocol):
    """Keeps one short text: a row of your database, a file. Never two consumers on one cursor."""

    def load(self) -> str | None:
        """What was saved last; None when nothing was."""

    def save(self, state: str) -> None:
        """On return it survives a crash. Saved after the handler returned, so a crash between the two
        brings the last event again: make handlers idempotent by `event.id`."""


class FileCursor:
    """In a file, replaced whole: a crash leaves the old state or the new one, never half of one."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def load(self) -> str | None:
        try:
            return self._path.read_text("utf-8")
        except FileNotFoundError:
            return None

    def save(self, state: str) -> None:
        new = self._path.with_name(self._path.name + ".new")
        with new.open("w", encoding="utf-8") as file:
            file.write(state)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        with contextlib.suppress(OSError):  # not every system lets a folder be synced
            _sync(self._path.parent)


def rewind(cursor: Cursor, to: int) -> None:
    """Before a replay that is to be handled again: positions above `to` count as not had.

    Stop the consumer first. Positions up to `to` stay had, and are dropped when they come again.
    """
    positions = Positions.load(cursor.load())
    positions.rewind(to)
    cursor.save(positions.dump())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
