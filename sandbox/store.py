"""What the sandbox remembers: messages, the references it has seen, and how many people were made."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock

from sandbox import people

_TABLES = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT,
    text TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_to ON messages (recipient, id);
CREATE TABLE IF NOT EXISTS seen (
    channel TEXT, reference TEXT, PRIMARY KEY (channel, reference)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS made (people INTEGER NOT NULL);
INSERT INTO made SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM made);
"""

MOST_KEPT = 5000


@dataclass(frozen=True)
class Message:
    channel: str
    to: str
    text: str
    subject: str | None = None


@dataclass(frozen=True)
class Kept:
    message: Message
    at: datetime


class Store:
    """One SQLite file, or memory without a path. References are kept for ever, messages up to `keep`."""

    def __init__(self, path: Path | None = None, keep: int = MOST_KEPT) -> None:
        self._path = path
        self._keep = keep
        self._lock = Lock()

    @cached_property
    def _db(self) -> sqlite3.Connection:
        """Opened at first use: a SQLite connection must not be carried over a fork."""
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self._path or ":memory:", check_same_thread=False)
        db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _TABLES)
        return db

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._db:
            yield self._db

    def take(self, message: Message, reference: str) -> bool:
        """Keep a message; False when its reference was seen before and nothing was kept."""
        with self._transaction() as db:
            seen = db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (message.channel, reference))
            if not seen.rowcount:
                return False
            row = (message.channel, message.to, message.subject, message.text, datetime.now(UTC).isoformat())
            added = db.execute(
                "INSERT INTO messages (channel, recipient, subject, text, at) VALUES (?, ?, ?, ?, ?)", row
            )
            db.execute("DELETE FROM messages WHERE id <= ?", ((added.lastrowid or 0) - self._keep,))
        return True

    def messages(self, to: str | None = None, limit: int | None = None) -> list[Kept]:
        """Newest first; all that are kept without a limit."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT channel, recipient, text, subject, at FROM messages"
                " WHERE recipient = coalesce(?, recipient) ORDER BY id DESC LIMIT ?",
                (to, -1 if limit is None else limit),
            ).fetchall()
        return [Kept(Message(*row[:4]), datetime.fromisoformat(row[4])) for row in rows]

    def made(self) -> int:
        with self._transaction() as db:
            (count,) = db.execute("SELECT people FROM made").fetchone()
        return int(count)

    def make(self, count: int) -> range:
        """Numbers of `count` new people. ValueError when that is more than can be made."""
        with self._transaction() as db:
            added = db.execute("UPDATE made SET people = people + ? RETURNING people", (count,))
            (end,) = added.fetchone()
            if end > people.MOST_MADE:
                raise ValueError(f"only {people.MOST_MADE - end + count} more people can be made")
        return range(end - count, end)
