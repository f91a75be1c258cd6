"""What the catalogue says, kept for a minute; the last word is used while the catalogue is away."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.backend import Json, Late, Problem, call

FRESH_SECONDS = 60.0


@dataclass
class Kept:
    """One answer of the catalogue, the same for every reader."""

    ask: Callable[[], list[Json]]
    items: list[Json] | None = None
    until: float = 0.0

    def get(self) -> list[Json] | None:
        """The items; the old ones while the catalogue is away; None when there were never any."""
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


events = Kept(_events)
procedures = Kept(_procedures)
agencies = Kept(_agencies)


def forget() -> None:
    """Ask again next time."""
    for kept in (events, procedures, agencies):
        kept.items, kept.until = None, 0.0


def events_for(audience: str) -> list[Json] | None:
    """The life or business events of an audience, in the catalogue's order."""
    found = events.get()
    return None if found is None else [event for event in found if event["audience"] == audience]


def agency(code: str | None) -> Json | None:
    """The agency of that code; None while the catalogue does not say."""
    return next((each for each in agencies.get() or [] if each["code"] == code), None)
