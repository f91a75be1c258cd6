"""Reads a service's audit log through: is every entry what was written, and are all of them there?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.exc import DBAPIError

from chassis.audit.entry import BEGINNING, hash_of, key_of
from chassis.tables import audit

Heads = Mapping[int, tuple[int, str]]
"""By chain: the last position and its hash in hex."""
SHORT = 32
"""Hex digits of a hash that are told to others: 128 bits."""
AT_ONCE = 1000
NO_ENTRY = ("chain", "position", "hash")


@dataclass(frozen=True)
class Anchor:
    """What somebody outside of the database was told a chain's head was. `told` says who, and when."""

    service: str
    chain: int
    position: int
    hash: str
    told: str


@dataclass(frozen=True)
class Fault:
    """`position`: the first entry it is about. A changed, an inserted and a moved entry look alike."""

    service: str
    what: Literal["changed", "missing", "cut", "replaced", "unreadable"]
    chain: int
    position: int
    words: str


@dataclass(frozen=True)
class Verified:
    entries: int
    heads: Heads
    faults: Sequence[Fault]


def verify(connection: Connection, service: str, index: bytes, anchors: Iterable[Anchor] = ()) -> Verified:
    """All entries, and of the anchors those of this service. `index` is the service's index key."""
    reader = _Reader(service, key_of(index), [one for one in anchors if one.service == service])
    try:
        for row in _rows(connection):
            reader.read(row)
    except (DBAPIError, AttributeError, TypeError, ValueError, LookupError) as error:
        words = f"the table is not as it was made: {type(error).__name__}"
        return Verified(reader.entries, {}, [Fault(service, "unreadable", 0, 0, words)])
    return Verified(reader.entries, reader.heads(), [*reader.faults, *reader.unmet()])


def heads(connection: Connection) -> Heads:
    """As the table has them, unverified."""
    last = select(audit.c.chain, func.max(audit.c.position).label("position")).group_by(audit.c.chain)
    newest = last.subquery()
    both = (audit.c.chain == newest.c.chain) & (audit.c.position == newest.c.position)
    rows = connection.execute(select(audit.c.chain, audit.c.position, audit.c.hash).join(newest, both))
    return {row.chain: (row.position, row.hash.hex()[:SHORT]) for row in rows}


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    ordered = select(audit).order_by(audit.c.chain, audit.c.position)
    return iter(connection.execute(ordered, execution_options={"yield_per": AT_ONCE}))


class _Reader:
    def __init__(self, service: str, key: bytes, anchors: Sequence[Anchor]) -> None:
        self.entries = 0
        self.faults: list[Fault] = []
        self._service = service
        self._key = key
        self._last: dict[int, tuple[int, bytes]] = {}
        self._anchors: dict[tuple[int, int], list[Anchor]] = {}
        for anchor in anchors:
            self._anchors.setdefault((anchor.chain, anchor.position), []).append(anchor)

    def read(self, row: Row[Any]) -> None:
        self.entries += 1
        position, before = self._last.get(row.chain, (0, BEGINNING))
        if row.position > position + 1:
            gone = position + 1, row.position - 1
            words = f"entry {gone[0]} is missing" if gone[0] == gone[1] else f"up to {gone[1]} are missing"
            self._fault("missing", row.chain, gone[0], words)
        elif row.position != position + 1 or row.hash != self._hash(row, before):
            self._fault("changed", row.chain, row.position, "was changed, inserted or moved")
        for anchor in self._anchors.pop((row.chain, row.position), ()):
            if not row.hash.hex().startswith(anchor.hash) or len(anchor.hash) < SHORT:
                words = f"is another than the one that was there: {anchor.told}"
                self._fault("replaced", row.chain, row.position, words)
        self._last[row.chain] = (row.position, row.hash)

    def heads(self) -> Heads:
        return {chain: (position, hash.hex()[:SHORT]) for chain, (position, hash) in self._last.items()}

    def unmet(self) -> Iterator[Fault]:
        """Of each chain the last that anybody was told of, where the log ends before it."""
        furthest: dict[int, Anchor] = {}
        for (chain, position), told in self._anchors.items():
            if position > self._last.get(chain, (0, b""))[0] and position > _position(furthest.get(chain)):
                furthest[chain] = told[0]
        for chain, anchor in sorted(furthest.items()):
            ends = self._last.get(chain, (0, b""))[0]
            words = f"the log ends at {ends}, but went on to {anchor.position}: {anchor.told}"
            yield Fault(self._service, "cut", chain, ends + 1, words)

    def _fault(self, what: Any, chain: int, position: int, words: str) -> None:
        self.faults.append(Fault(self._service, what, chain, position, words))

    def _hash(self, row: Row[Any], before: bytes) -> bytes:
        columns = {name: value for name, value in row._asdict().items() if name not in NO_ENTRY}
        return hash_of(self._key, before, self._service, row.chain, row.position, columns)


def _position(anchor: Anchor | None) -> int:
    return anchor.position if anchor else 0
