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
    """`had` are the stretches of positions we have, first and last of each, rising and never touching: one
    stretch, and one more for each gap that is still open. `recent` has the ends of the newest ids.

    Were positions ever given out again after the portal's log was restored, an event would come at a
    position we have, with another id. The newest 200 are compared by id. For older ones, `newest` is the
    latest time in any id we took (ids are UUIDv7): an event born after that was never taken.
    """

    had: list[list[int]] = field(default_factory=list)
    recent: dict[int, str] = field(default_factory=dict)
    newest: int = 0

    @property
    def highest(self) -> int:
        return self.had[-1][1] if self.had else 0

    def has(self, event: Event) -> bool:
        """Whether this very event was taken before."""
        at = event.position
        if at is None or not self._covers(at):
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
        if self._covers(at):
            self.rewind(at - 1)
        self._add(at)
        self.recent[at] = event.id[-TAIL:]
        self.newest = max(self.newest, _born(event.id))
        for old in sorted(self.recent)[:-REMEMBERED]:
            del self.recent[old]

    def rewind(self, to: int) -> None:
        """Forget all positions above `to`, so that they are taken again when they come again."""
        self.had = [[first, min(last, to)] for first, last in self.had if first <= to]
        self.recent = {at: id for at, id in self.recent.items() if at <= to}

    def _covers(self, at: int) -> bool:
        return any(first <= at <= last for first, last in self.had)

    def _add(self, at: int) -> None:
        """A stretch of one, joined with those it touches."""
        before = [one for one in self.had if one[1] < at - 1]
        after = [one for one in self.had if one[0] > at + 1]
        touching = self.had[len(before) : len(self.had) - len(after)]
        first = min([at, *(one[0] for one in touching)])
        last = max([at, *(one[1] for one in touching)])
        self.had = [*before, [first, last], *after]

    def dump(self) -> str:
        """About 6 kB at most, unless positions came with many gaps."""
        return json.dumps({"had": self.had, "newest": self.newest, "recent": self.recent})

    @classmethod
    def load(cls, state: str | None) -> "Positions":
        """`state` is what dump() made; None for a back office that has nothing yet."""
        told: dict[str, Any] = json.loads(state) if state else {}
        recent = {int(at): id for at, id in told.get("recent", {}).items()}
        return cls(told.get("had", []), recent, told.get("newest", 0))


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
