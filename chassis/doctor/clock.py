"""This machine's clock beside those of the servers: tokens, codes and deadlines go by it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.findings import Finding, unseen, warning, well, wrong

LITTLE, MUCH = timedelta(seconds=2), timedelta(seconds=30)
MEND = "let both machines keep their time by NTP (chrony, systemd-timesyncd)"
ZONE = "Asia/Ho_Chi_Minh"
ZONE_OFFSET = timedelta(hours=7)


@dataclass(frozen=True)
class Drift:
    """How far the other clock is ahead of ours (negative: behind), and how well that is known."""

    ahead: timedelta
    give_or_take: timedelta

    @property
    def at_least(self) -> timedelta:
        return max(abs(self.ahead) - self.give_or_take, timedelta(0))


def utc_now() -> datetime:
    return datetime.now(UTC)


def measure(
    theirs: Callable[[], datetime],
    ours: Callable[[], datetime] = utc_now,
    grain: timedelta = timedelta(0),
) -> Drift:
    """`grain`: theirs is cut down to multiples of this."""
    before = ours()
    there = theirs()
    after = ours()
    half = (after - before) / 2
    return Drift(there + grain / 2 - (before + half), half + grain / 2)


def check(drifts: Mapping[str, Drift]) -> Iterator[Finding]:
    """By server."""
    if not drifts:
        yield unseen("clock", "was compared with no server's", "run this again once one answers")
    for server, drift in drifts.items():
        yield _look(server, drift)


def _look(server: str, drift: Drift) -> Finding:
    seconds = drift.ahead.total_seconds()
    what = f"is {abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} this machine's clock"
    if drift.at_least > MUCH:
        return wrong(server, what, MEND)
    if drift.at_least > LITTLE:
        return warning(server, what, MEND)
    return well(server, f"this machine's clock is within {_within(drift):.1f} s of it")


def _within(drift: Drift) -> float:
    return max((abs(drift.ahead) + drift.give_or_take).total_seconds(), 0.1)


def zone(name: str = ZONE) -> Finding:
    mend = "install the system's time zone data, or the Python package tzdata"
    try:
        offset = datetime(2026, 1, 1, tzinfo=ZoneInfo(name)).utcoffset()
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return wrong(name, "is no time zone here: due dates cannot be worked out", mend)
    if offset != ZONE_OFFSET:
        return wrong(name, f"is taken for UTC{offset}, not UTC+7", mend)
    return well(name, "is known, UTC+7")
