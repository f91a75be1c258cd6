"""What the catalogue says and how agencies are rated, kept for a minute; longer while nobody answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.backend import Json, Late, Problem, call

FRESH_SECONDS = 60.0


@dataclass
class Kept:
    """One answer, the same for every reader."""

    ask: Callable[[], list[Json]]
    items: list[Json] | None = None
    until: float = 0.0

    def get(self) -> list[Json] | None:
        """The items; the old ones while nobody answers; None when there were never any."""
        if time.monotonic() >= self.until:
            try:
                self.items = self.ask()
                self.until = time.monotonic() + FRESH_SECONDS
            except (Late, Problem):
                self.until = time.monotonic() + 2
        return self.items


def _events() -> list[Json]:
    return list(call("GET", "/events", token="", seconds=3).body["items"])


def _procedures() -> list[Json]:
    return list(call("GET", "/procedures", query={"limit": 100}, token="", seconds=3).body["items"])


def _agencies() -> list[Json]:
    return list(call("GET", "/agencies", query={"limit": 100}, token="", seconds=3).body["items"])


def _rated() -> list[Json]:
    """The agencies that have ratings. Most rated come first: behind the first without are only such."""
    found: list[Json] = []
    query: dict[str, str | int | None] = {"limit": 100}
    while True:
        page = call("GET", "/statistics/agencies", query=query, token="", seconds=3).body
        found += [agency for agency in page["items"] if agency["ratings"]["count"]]
        query["cursor"] = page["next_cursor"]
        if not query["cursor"] or not page["items"][-1]["ratings"]["count"]:
            return found


events = Kept(_events)
procedures = Kept(_procedures)
agencies = Kept(_agencies)
rated = Kept(_rated)


def forget() -> None:
    """Ask again next time."""
    for kept in (events, procedures, agencies, rated):
        kept.items, kept.until = None, 0.0


def events_for(audience: str) -> list[Json] | None:
    """The life or business events of an audience, in the catalogue's order."""
    found = events.get()
    return None if found is None else [event for event in found if event["audience"] == audience]


def agency(code: str | None) -> Json | None:
    """The agency of that code; None while the catalogue does not say."""
    return next((each for each in agencies.get() or [] if each["code"] == code), None)
