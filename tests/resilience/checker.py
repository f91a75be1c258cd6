"""Ids against ids: what was committed, what was announced, what each subscriber applied."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Announced(NamedTuple):
    event: str
    deed: str


class Applied(NamedTuple):
    """In the order in which they were applied."""

    event: str
    subject: str
    sequence: int


@dataclass(frozen=True)
class Verdict:
    """`n` is how many (event, subscriber) pairs had to be there; the lists name each that was wrong."""

    n: int
    lost: list[Any] = field(default_factory=list)
    ghost: list[Any] = field(default_factory=list)
    twice: list[Any] = field(default_factory=list)
    disordered: list[Any] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.ghost or self.twice or self.disordered)

    def __str__(self) -> str:
        found = f"lost {len(self.lost)}, ghost {len(self.ghost)}, twice {len(self.twice)}, out of order"
        return f"{found} {len(self.disordered)} of {self.n}{bound(self.n)}"


def bound(n: int) -> str:
    """By the rule of three: no failure among n says that the rate is below 3/n (95 %)."""
    return f" (below {3 / n:.1g})" if n else ""


def judge(
    committed: Iterable[str], announced: Sequence[Announced], applied: Mapping[str, Sequence[Applied]]
) -> Verdict:
    """`committed` are the ids of deeds, `applied` what each subscriber counted."""
    deeds, events = list(committed), [one.event for one in announced]
    lost, ghost = differences(deeds, [one.deed for one in announced])
    twice: list[Any] = []
    disordered: list[Any] = []
    for subscriber, seen in applied.items():
        heard = [one.event for one in seen]
        missing, unknown = differences(set(events), set(heard))
        lost += [(subscriber, id) for id in missing]
        ghost += [(subscriber, id) for id in unknown]
        twice += [(subscriber, id) for id, count in Counter(heard).items() if count > 1]
        disordered += [(subscriber, one) for one in out_of_order(seen)]
    return Verdict(len(events) * len(applied), lost, ghost, twice, disordered)


def differences(wanted: Iterable[Hashable], found: Iterable[Hashable]) -> tuple[list[Any], list[Any]]:
    """What is missing, and what is too much; each as often as it is."""
    left, right = Counter(wanted), Counter(found)
    return list((left - right).elements()), list((right - left).elements())


def out_of_order(applied: Iterable[Applied]) -> list[Applied]:
    """Those applied after a later one of their subject. A repeat is no disorder."""
    highest: dict[str, int] = {}
    wrong = []
    for one in applied:
        if one.sequence < highest.get(one.subject, 0):
            wrong.append(one)
        highest[one.subject] = max(one.sequence, highest.get(one.subject, 0))
    return wrong
