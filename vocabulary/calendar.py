"""Working time: which days count, when a day opens and closes, when something is due."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
LAST_SAME_DAY = time(15)
"""Received after this, a "same day" procedure is answered on the next working day (as 1.001193 says)."""

Unit = Literal["working-days", "working-hours", "calendar-days", "same-day"]

_DAY = timedelta(days=1)
# No holiday is as long as this: a calendar without a working day is a mistake, not an endless loop.
_LONGEST_BREAK = 366


@dataclass(frozen=True)
class WorkingHours:
    """Local times a working day is open, in order and apart."""

    spans: tuple[tuple[time, time], ...] = ((time(7), time(11, 30)), (time(13, 30), time(17)))

    def __post_init__(self) -> None:
        times = [moment for span in self.spans for moment in span]
        if not times or any(a >= b for a, b in pairwise(times)):
            raise ValueError(f"working hours must be spans in rising order: {self.spans}")

    @property
    def closing(self) -> time:
        return self.spans[-1][1]


@dataclass(frozen=True)
class Limit:
    """How long something may take. `amount` is 0 for `same-day`."""

    amount: int
    unit: Unit


@dataclass(frozen=True)
class Calendar:
    """An agency's working time. `worked` days count even at weekends and on holidays (swap days).

    Moments are aware datetimes; answers are in Vietnamese time. What arrives outside working hours
    counts as received at the next opening.
    """

    hours: WorkingHours = WorkingHours()
    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < 5 and day not in self.holidays)

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself when open, else when the doors open next."""
        return next(self._open_time(at))[0]

    def add_working_hours(self, at: datetime, hours: float) -> datetime:
        """When that many working hours have passed; a full day ends at closing, not at the next opening."""
        left = timedelta(hours=hours)
        for start, end in self._open_time(at):
            if left <= end - start:
                return start + left
            left -= end - start
        raise AssertionError("open time never ends")

    def add_working_days(self, at: datetime, n: int) -> datetime:
        """The closing of the n-th working day after the day of receipt, which does not count."""
        received = self.next_opening(at).date()
        return self._closing(self._working_day_after(received, n))

    def due(self, at: datetime, limit: Limit) -> datetime:
        """When what was received at `at` is due; never on a day off."""
        received = self.next_opening(at)
        match limit.unit:
            case "working-hours":
                return self.add_working_hours(received, limit.amount)
            case "working-days":
                return self.add_working_days(received, limit.amount)
            case "calendar-days":
                return self._closing(self._first_working_day(received.date() + limit.amount * _DAY))
            case "same-day":
                return self.add_working_days(received, int(received.time() > LAST_SAME_DAY))

    def working_days_between(self, a: date, b: date) -> int:
        """Working days after `a` up to and with `b`; negative when `b` is earlier. Moments count as dates."""
        first, last = _local_date(a), _local_date(b)
        if first > last:
            return -self.working_days_between(last, first)
        days = (first + n * _DAY for n in range(1, (last - first).days + 1))
        return sum(self.is_working_day(day) for day in days)

    def working_time_between(self, a: datetime, b: datetime) -> timedelta:
        """Open time from `a` to `b`; none when `b` is earlier."""
        total = timedelta()
        for start, end in self._open_time(a):
            if start >= b:
                break
            total += min(end, b) - start
        return total

    def _open_time(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans of open time from `at` on, the first one cut to what is left of it."""
        now = _local(at)
        day = now.date()
        while True:
            day = self._first_working_day(day)
            for opens, closes in self.hours.spans:
                start, end = _moment(day, opens), _moment(day, closes)
                if now < end:
                    yield max(now, start), end
            day += _DAY

    def _first_working_day(self, day: date) -> date:
        """`day` itself when it is one, else the next."""
        for n in range(_LONGEST_BREAK):
            if self.is_working_day(day + n * _DAY):
                return day + n * _DAY
        raise ValueError(f"no working day within a year from {day}")

    def _working_day_after(self, day: date, n: int) -> date:
        for _ in range(n):
            day = self._first_working_day(day + _DAY)
        return day

    def _closing(self, day: date) -> datetime:
        return _moment(day, self.hours.closing)


def vietnam_calendar(
    years: Iterable[int],
    off: frozenset[date] = frozenset(),
    worked: frozenset[date] = frozenset(),
    hours: WorkingHours = WorkingHours(),
) -> Calendar:
    """Public holidays and swap days of those years; the administrator's `off` and `worked` days win."""
    public = holidays.country_holidays("VN", years=list(years))
    swapped: set[date] = getattr(public, "weekend_workdays", set())
    return Calendar(
        hours=hours,
        holidays=(frozenset(public) | off) - worked,
        worked=(frozenset(swapped) - off) | worked,
    )


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, VIETNAM)


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"a moment needs its zone: {at}")
    return at.astimezone(VIETNAM)


def _local_date(day: date) -> date:
    return _local(day).date() if isinstance(day, datetime) else day
