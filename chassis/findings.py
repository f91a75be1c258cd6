"""What looking at an installation brings to light: one line each, with how to mend it."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import click

Severity = Literal["well", "wrong", "away", "warning", "unseen", "filling"]
MARKS: dict[Severity, tuple[str, str]] = {
    "well": (".", "green"),
    "wrong": ("x", "red"),
    "away": ("x", "red"),
    "warning": ("!", "yellow"),
    "filling": ("+", "green"),
    "unseen": ("?", "cyan"),
}


@dataclass(frozen=True)
class Finding:
    """`wrong`: must be mended. `away`: did not answer; trying again may help. `warning`: look at it.
    `unseen`: was not looked at. `filling`: being mended; it ends by itself. `well` has nothing to mend."""

    severity: Severity
    where: str
    what: str
    mend: str = ""


def well(where: str, what: str) -> Finding:
    return Finding("well", where, what)


def wrong(where: str, what: str, mend: str) -> Finding:
    return Finding("wrong", where, what, mend)


def away(where: str, what: str, mend: str) -> Finding:
    return Finding("away", where, what, mend)


def warning(where: str, what: str, mend: str) -> Finding:
    return Finding("warning", where, what, mend)


def unseen(where: str, what: str, mend: str) -> Finding:
    return Finding("unseen", where, what, mend)


def filling(where: str, what: str, mend: str) -> Finding:
    return Finding("filling", where, what, mend)


def count(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(each.severity == severity for each in findings)


def lines(findings: Sequence[Finding], width: int | None = None) -> Iterator[str]:
    """For a terminal: what is mended in the same way has its `mend:` once. Folded at `width`."""
    for mend, same in groupby(findings, key=lambda each: each.mend):
        for each in same:
            yield _line(each, width)
        if mend:
            yield click.style(_folded(f"    mend: {mend}", width, " " * 10), dim=True)


def _line(each: Finding, width: int | None) -> str:
    mark, colour = MARKS[each.severity]
    rest = _folded(f"{mark} {each.where}: {each.what}", width, " " * 4)[len(mark) + 1 :]
    # A name so long that it was folded is not made bold.
    if rest.startswith(each.where):
        rest = click.style(each.where, bold=True) + rest[len(each.where) :]
    return f"{click.style(mark, fg=colour, bold=True)} {rest}"


def _folded(line: str, width: int | None, indent: str) -> str:
    if width is None:
        return line
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
