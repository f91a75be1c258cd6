"""What the office knows, in one SQLite file. Each method is one transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TABLES = """
CREATE TABLE IF NOT EXISTS work (
    event_id TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'sent', 'applied', 'rejected', 'nothing to do')),
    decision_id TEXT UNIQUE,
    action TEXT,
    problem TEXT
);
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Work:
    """A dossier that an event asked us to look at. `version` is the dossier's then."""

    event_id: str
    code: str
    version: int


class Store:
    """For one thread; each has its own."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(TABLES)

    def load(self) -> str | None:
        """The cursor, as motcua_agency keeps it."""
        row = self._connection.execute("SELECT state FROM cursor").fetchone()
        return row and str(row[0])

    def save(self, state: str) -> None:
        self._change(
            "INSERT INTO cursor VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET state = excluded.state", state
        )

    def add(self, work: Work) -> None:
        """An event that comes twice makes work once."""
        values = (work.event_id, work.code, work.version)
        self._change("INSERT OR IGNORE INTO work (event_id, code, version) VALUES (?, ?, ?)", *values)

    def next(self) -> Work | None:
        """The oldest that is still open."""
        query = "SELECT event_id, code, version FROM work WHERE state = 'open' ORDER BY rowid LIMIT 1"
        row = self._connection.execute(query).fetchone()
        return Work(*row) if row else None

    def decide(self, work: Work, decision_id: str, action: str) -> None:
        """Before it is sent: its outcome may come before we hear that it was."""
        values = (decision_id, action, work.event_id)
        self._change("UPDATE work SET decision_id = ?, action = ? WHERE event_id = ?", *values)

    def sent(self, work: Work) -> None:
        self._change("UPDATE work SET state = 'sent' WHERE event_id = ? AND state = 'open'", work.event_id)

    def close(self, work: Work) -> None:
        self._change("UPDATE work SET state = 'nothing to do' WHERE event_id = ?", work.event_id)

    def settle(self, decision_id: str, problem: str | None) -> None:
        """What became of a decision. Rejected ones stay for a person to look at."""
        state = "rejected" if problem else "applied"
        values = (state, problem, decision_id)
        self._change("UPDATE work SET state = ?, problem = ? WHERE decision_id = ?", *values)

    def _change(self, statement: str, *values: object) -> None:
        with self._transaction():
            self._connection.execute(statement, values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
