from dataclasses import dataclass

from contracts.event import Name
from services.catalog.model.form import STEP_ID
from services.catalog.model.procedure import Audience, Procedure


@dataclass(frozen=True)
class LifeEvent:
    """What happened to someone that makes them come: a child is born, a business is started."""

    slug: str
    audience: Audience
    name: Name

    def __post_init__(self) -> None:
        if not STEP_ID.fullmatch(self.slug):
            raise ValueError(f"slug {self.slug!r} is not lower-kebab-case")


def check_events(procedure: Procedure, events: dict[str, LifeEvent]) -> None:
    """ValueError unless every audience of the procedure finds it under an event of its own."""
    unknown = [slug for slug in procedure.events if slug not in events]
    if unknown:
        raise ValueError(f"events: there is none called {', '.join(unknown)}")
    found_by = {events[slug].audience for slug in procedure.events}
    if found_by != set(procedure.audience):
        raise ValueError(f"events are for {sorted(found_by)}, the audience is {sorted(procedure.audience)}")
