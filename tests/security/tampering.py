"""What somebody who owns the database, and not the key, can do to an audit log: each at random."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, LargeBinary, delete, insert, select, text, update

from chassis.audit.entry import hash_of
from chassis.tables import audit

Rows = Sequence[Mapping[str, Any]]
At = tuple[int, int]
"""Chain and position of the first entry that is no longer what it was."""
MOVED_AWAY = 1_000_000


def rows_of(connection: Connection) -> Rows:
    ordered = select(audit).order_by(audit.c.chain, audit.c.position)
    return [dict(row) for row in connection.execute(ordered).mappings()]


class Tamperer:
    """`older` is the table as it once was, `otherwise` what came of it before it was put back once."""

    def __init__(
        self, connection: Connection, rows: Rows, older: Rows, otherwise: Rows, chance: random.Random
    ) -> None:
        self.connection = connection
        self.rows = rows
        self.older = older
        self.otherwise = otherwise
        self.chance = chance
        # Who owns the table can switch its triggers off.
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))

    def change_a_column(self) -> At:
        row, column = self.chance.choice(self.rows), self.chance.choice(list(audit.c))
        if column.name in ("chain", "position"):
            return self._move(row, {column.name: row[column.name] + MOVED_AWAY % 30_000})
        value = self._another(row[column.name], isinstance(column.type, LargeBinary))
        self.connection.execute(update(audit).where(*_is(row)).values({column.name: value}))
        return _at(row)

    def change_and_hash_with_a_guessed_key(self) -> At:
        """And all that follows it, so that only the key can tell."""
        row = self.chance.choice(self.rows)
        changed = self._following(row, including=True)
        before, key = self.chance.randbytes(32), self.chance.randbytes(32)
        for one in changed:
            columns = {k: v for k, v in one.items() if k not in ("chain", "position", "hash")}
            columns["deed"] = "something-else" if one is row else one["deed"]
            before = hash_of(key, before, "catalog", one["chain"], one["position"], columns)
            self.connection.execute(update(audit).where(*_is(one)).values(deed=columns["deed"], hash=before))
        return _at(row)

    def remove(self) -> At:
        row = self.chance.choice(self.rows)
        self.connection.execute(delete(audit).where(*_is(row)))
        return _at(row)

    def remove_and_close_the_gap(self) -> At:
        row = self.chance.choice(self.rows)
        self.connection.execute(delete(audit).where(*_is(row)))
        for one in self._following(row):
            self._place(one, one["chain"], one["position"] - 1)
        return _at(row)

    def insert(self) -> At:
        """Somewhere, or as a chain's new end."""
        row = self.chance.choice(self.rows)
        for one in reversed(self._following(row)):
            self._place(one, one["chain"], one["position"] + 1)
        made = dict(row) | {"position": row["position"] + 1, "about": "made up"}
        if self.chance.random() < 0.5:
            made["hash"] = self.chance.randbytes(32)
        self.connection.execute(insert(audit).values(made))
        return row["chain"], row["position"] + 1

    def repeat_an_entry_at_the_end(self) -> At:
        row = self.chance.choice(self.rows)
        end = self._following(row, including=True)[-1]
        again = dict(row) | {"position": end["position"] + 1}
        self.connection.execute(insert(audit).values(again))
        return row["chain"], end["position"] + 1

    def swap(self) -> At:
        one, other = self.chance.sample(self.rows, 2)
        self._place(one, one["chain"], MOVED_AWAY)
        self._place(other, *_at(one))
        self._place(dict(one) | {"position": MOVED_AWAY}, *_at(other))
        return min(_at(one), _at(other))

    def cut_the_tail(self) -> At:
        row = self.chance.choice(self.rows)
        for one in self._following(row, including=True):
            self.connection.execute(delete(audit).where(*_is(one)))
        return _at(row)

    def cut_the_tail_and_write_another(self) -> At:
        at = self.cut_the_tail()
        template = next(row for row in self.rows if _at(row) == at)
        for one in self._following(template, including=True):
            self.connection.execute(insert(audit).values(dict(one) | {"hash": self.chance.randbytes(32)}))
        return at

    def put_the_older_table_back(self) -> At:
        self.connection.execute(delete(audit))
        self.connection.execute(insert(audit), [dict(row) for row in self.older])
        there = {_at(row) for row in self.older}
        return min(_at(row) for row in self.rows if _at(row) not in there)

    def put_in_an_entry_of_another_past(self) -> At:
        """Genuine, of the same chain and position; only what stood before it was another."""
        ends = {row["chain"]: row["position"] for row in self.older}
        here = {_at(row) for row in self.rows}
        other = self.chance.choice(
            [
                row
                for row in self.otherwise
                if _at(row) in here and row["position"] > ends.get(row["chain"], 0) + 1
            ]
        )
        self.connection.execute(update(audit).where(*_is(other)).values(dict(other)))
        return _at(other)

    def empty(self) -> At:
        self.connection.execute(text("TRUNCATE audit"))
        return min(map(_at, self.rows))

    def _following(self, row: Mapping[str, Any], including: bool = False) -> list[Mapping[str, Any]]:
        least = row["position"] + (not including)
        return [one for one in self.rows if one["chain"] == row["chain"] and one["position"] >= least]

    def _move(self, row: Mapping[str, Any], where: dict[str, int]) -> At:
        self.connection.execute(update(audit).where(*_is(row)).values(where))
        return _at(row)

    def _place(self, row: Mapping[str, Any], chain: int, position: int) -> None:
        self.connection.execute(update(audit).where(*_is(row)).values(chain=chain, position=position))

    def _another(self, value: Any, is_bytes: bool) -> Any:
        if is_bytes:
            turned = self.chance.randrange(len(value) * 8)
            return (int.from_bytes(value) ^ 1 << turned).to_bytes(len(value))
        if value is None or isinstance(value, UUID):
            return (
                UUID(int=self.chance.getrandbits(128))
                if value is None
                else self.chance.choice([None, UUID(int=value.int ^ 1 << self.chance.randrange(128))])
            )
        if isinstance(value, str):
            return self.chance.choice([value[:-1] or "x", f"{value} ", f"x{value}", value.swapcase() + "."])
        return value + timedelta(microseconds=self.chance.choice([-1, 1, 3_600_000_000]))


def ways(tamperer: Tamperer) -> list[Callable[[], At]]:
    return [
        tamperer.change_a_column,
        tamperer.change_and_hash_with_a_guessed_key,
        tamperer.remove,
        tamperer.remove_and_close_the_gap,
        tamperer.insert,
        tamperer.repeat_an_entry_at_the_end,
        tamperer.swap,
        tamperer.cut_the_tail,
        tamperer.cut_the_tail_and_write_another,
        tamperer.put_the_older_table_back,
        tamperer.put_in_an_entry_of_another_past,
        tamperer.empty,
    ]


def _at(row: Mapping[str, Any]) -> At:
    return row["chain"], row["position"]


def _is(row: Mapping[str, Any]) -> tuple[Any, Any]:
    return audit.c.chain == row["chain"], audit.c.position == row["position"]
