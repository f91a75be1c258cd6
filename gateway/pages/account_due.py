"""When something is due, as a person counts it: working days left, and how much of the time has gone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal

from vocabulary.calendar import VIETNAM, Calendar, vietnam_calendar

State = Literal["ahead", "soon", "today", "late"]
SOON = 1


@dataclass(frozen=True)
class Due:
    """`at` is in Vietnamese time; `days` are whole working days left, or late when `state` is "late".

    `gone` is the share of the time between start and due date that has passed, 0 to 1.
    """

    at: datetime
    days: int
    state: State
    gone: float


def due(start: datetime, at: datetime, now: datetime) -> Due:
    """How far off `at` is, seen at `now`, for what began at `start`. All aware."""
    local, here = at.astimezone(VIETNAM), now.astimezone(VIETNAM)
    calendar = calendar_of(*sorted({here.year, local.year}))
    left = calendar.working_days_between(here.date(), local.date())
    whole = (at - start).total_seconds()
    gone = (now - start).total_seconds() / whole if whole > 0 else 1.0
    return Due(
        local, abs(left), state(left, here > local, here.date() == local.date()), min(max(gone, 0.0), 1.0)
    )


def state(left: int, passed: bool, same_day: bool) -> State:
    if passed:
        return "late"
    if same_day:
        return "today"
    return "soon" if left <= SOON else "ahead"


def now() -> datetime:
    return datetime.now(UTC)


@cache
def calendar_of(*years: int) -> Calendar:
    """Public holidays of those years. What an administrator changed is already in the due date itself."""
    return vietnam_calendar(years)
