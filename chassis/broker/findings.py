"""What looking at the broker brings to light: one line each, with how to mend it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """`wrong`: events can be lost or do not arrive. `warning`: look at it. `unseen`: was not looked at.
    `filling`: being mended; it ends by itself."""

    severity: Literal["wrong", "warning", "unseen", "filling"]
    where: str
    what: str
    mend: str


def wrong(where: str, what: str, mend: str) -> Finding:
    return Finding("wrong", where, what, mend)


def warning(where: str, what: str, mend: str) -> Finding:
    return Finding("warning", where, what, mend)


def unseen(where: str, what: str, mend: str) -> Finding:
    return Finding("unseen", where, what, mend)


def filling(where: str, what: str, mend: str) -> Finding:
    return Finding("filling", where, what, mend)
