from dataclasses import dataclass

from contracts.catalog import CalendarPublished, DayOff
from services.catalog.model.form import check_unique


@dataclass(frozen=True)
class CalendarYear:
    """One year's exceptions, whole: days off, and days worked that would have been off."""

    year: int
    days: tuple[DayOff, ...]

    def __post_init__(self) -> None:
        check_unique("day", [day.day.isoformat() for day in self.days])
        for day in self.days:
            if day.day.year != self.year:
                raise ValueError(f"day {day.day} is not in {self.year}")

    @property
    def subject(self) -> str:
        return f"calendar/{self.year}"

    def published(self) -> CalendarPublished:
        return CalendarPublished(year=self.year, days=sorted(self.days, key=lambda day: day.day))
