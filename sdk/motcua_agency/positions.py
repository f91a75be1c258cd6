"""Which positions of the agency's log a back office has: repeats are dropped, gaps are found."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from motcua_agency.event import Event

REMEMBERED = 200
TAIL = 12


@dataclass(frozen=True)
class Gap:
    """Positions `first` to `last` have not come, although later ones have."""

    first: int
    last: int


@dataclass
class Positions:
    """All up to `floor`, and those in `above`. `recent` has the ends of the newest ids, by position.

    When the portal's log was restored from a backup, positions are given out again: a position we have
    then comes with another id. The newest 200 are compared by id. For older ones, `newest` is the latest
    time in any id we took (ids are UUIDv7): an event born after that was never taken.
    """

    floor: int = 0
    above: set[int] = field(default_factory=set)
    recent: dict[int, str] = field(default_factory=dict)
    newest: int = 0

    @property
    def highest(self) -> int:
        return max(self.above, default=self.floor)

    def has(self, event: Event) -> bool:
        """Whether this very event was taken before."""
        at = event.position
        if at is None or not (at <= self.floor or at in self.above):
            return False
        if at in self.recent:
            return self.recent[at] == event.id[-TAIL:]
        return _born(event.id) <= self.newest

    def gap_before(self, event: Event) -> Gap | None:
        at = event.position
        return Gap(self.highest + 1, at - 1) if at is not None and at > self.highest + 1 else None

    def take(self, event: Event) -> None:
        at = event.position
        if at is None or self.has(event):
            return
        if at <= self.floor or at in self.above:
            self.rewind(at - 1)
        self.above.add(at)
        self.recent[at] = event.id[-TAIL:]
        self.newest = max(self.newest, _born(event.id))
        while self.floor + 1 in self.above:
            self.floor += 1
            self.above.remove(self.floor)
        self._forget_old()

    def rewind(self, to: int) -> None:
        """Forget all positions above `to`, so that they are taken again when they come again."""
        self.floor = min(self.floor, to)
        self.above = {at for at in self.above if at <= to}
        self.recent = {at: id for at, id in self.recent.items() if at <= to}

    def _forget_old(self) -> None:
        for at in sorted(self.recent)[:-REMEMBERED]:
            del self.recent[at]

    def dump(self) -> str:
        """About 6 kB at most, unless positions came with many gaps."""
        state = {"floor": self.floor, "newest": self.newest, "recent": self.recent}
        return json.dumps(state | {"above": _ranges(self.above)})

    @classmethod
    def load(cls, state: str | None) -> "Positions":
        """`state` is what dump() made; None for a back office that has nothing yet."""
        told: dict[str, Any] = json.loads(state) if state else {}
        above = {at for first, last in told.get("above", []) for at in range(first, last + 1)}
        recent = {int(at): id for at, id in told.get("recent", {}).items()}
        return cls(told.get("floor", 0), above, recent, told.get("newest", 0))


def _born(id: str) -> int:
    """Milliseconds, as a UUIDv7 has them; 0 for any other id."""
    try:
        uuid = UUID(id)
    except ValueError:
        return 0
    return uuid.int >> 80 if uuid.version == 7 else 0


def _ranges(numbers: set[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found
