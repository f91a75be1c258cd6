"""When something is due, as a person counts it: working days left, how much working time has gone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal

from vocabulary.calendar import VIETNAM, Calendar, vietnam_calendar

State = Literal["ahead", "soon", "today", "late"]
SOON = 0.75
"""The last quarter of the working time."""


@dataclass(frozen=True)
class Due:
    """`at` is in Vietnamese time; `days` are whole working days left, or late when `state` is "late".

    `gone` is the share of the working time between start and due date that has passed, 0 to 1.
    """

    at: datetime
    days: int
    state: State
    gone: float

    @property
    def pressing(self) -> bool:
        """Little is left. What is due today need not be: it may have come this morning."""
        return self.gone >= SOON


def due(start: datetime, at: datetime, now: datetime) -> Due:
    """How far off `at` is, seen at `now`, for what began at `start`. All aware."""
    local, here = at.astimezone(VIETNAM), now.astimezone(VIETNAM)
    calendar = calendar_of(*sorted({start.astimezone(VIETNAM).year, here.year, local.year}))
    days = abs(calendar.working_days_between(here.date(), local.date()))
    whole, used = (calendar.working_time_between(start, until) for until in (at, min(now, at)))
    gone = used / whole if whole else 1.0
    return Due(local, days, state(gone, here > local, here.date() == local.date()), gone)


def state(gone: float, passed: bool, same_day: bool) -> State:
    if passed:
        return "late"
    if same_day:
        return "today"
    return "soon" if gone >= SOON else "ahead"


def now() -> datetime:
    return datetime.now(UTC)


@cache
def calendar_of(*years: int) -> Calendar:
    """Public holidays of those years. What an administrator changed is already in the due date itself."""
    return vietnam_calendar(years)
