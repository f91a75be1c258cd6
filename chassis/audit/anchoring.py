"""The heads of the chains, told outside of the database: in the process's log, and by whoever collects it.

Who can write to the database, and has its keys, could else cut off the newest entries, or put an older
table in its place, and nothing in it would show.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec
import structlog

from chassis.audit.verifying import Anchor, Heads, heads
from chassis.unit_of_work import UnitsOfWork

log = structlog.get_logger()

TOLD = "audit heads"

_last_told: dict[str, Heads] = {}


class Line(msgspec.Struct):
    """Of a log, as far as it is about heads."""

    event: str
    service: str
    heads: dict[int, tuple[int, str]]
    timestamp: str = ""


def tell(units: UnitsOfWork) -> int:
    """A timer of every service's workers: one line when something was added since this process's last."""
    with units.engine.connect() as connection:
        found = heads(connection)
    service = units.settings.service
    if found and found != _last_told.get(service):
        log.info(TOLD, service=service, heads=found)
        _last_told[service] = found
    return 0


def line_of(service: str, found: Heads) -> str:
    """The same line, for who keeps heads by hand."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return msgspec.json.encode(Line(TOLD, service, dict(found), at)).decode()


def read(lines: Iterable[str]) -> Iterator[Anchor]:
    """The anchors in a log; other lines are passed over, and so is what stands before a line's JSON."""
    for line in lines:
        found = re.search(r"\{.*\}", line) if TOLD in line else None
        if found:
            try:
                yield from _anchors(msgspec.json.decode(found[0], type=Line))
            except msgspec.DecodeError:
                continue


def _anchors(line: Line) -> Iterator[Anchor]:
    if line.event == TOLD:
        for chain, (position, hash) in line.heads.items():
            yield Anchor(line.service, chain, position, hash, f"a log of {line.timestamp} says so")
