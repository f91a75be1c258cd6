"""What a subscriber tells the sources it hears: how far it is, and what it lacks."""

from typing import ClassVar
from uuid import UUID

from msgspec import field

from contracts.event import Event, Instant

MAILBOX = ".subscribers"


def mailbox_of(service: str) -> str:
    """The queue in which a source gets its subscribers' reports."""
    return service + MAILBOX


class Report(Event, frozen=True, kw_only=True):
    """`handled`: the last event handled of each type. Nothing of it is personal.

    `missing`: types the queue turned out not to be bound to. `emptied`: the queue was not there and is
    made anew. `lost_after`: the subscriber's database was restored; what it handled later is undone.
    """

    type: ClassVar[str] = "motcua.bus.report.v1"
    source: ClassVar[str] = "/bus"

    queue: str
    handled: dict[str, UUID] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    emptied: bool = False
    lost_after: Instant | None = None

    @property
    def subject(self) -> str:
        return self.queue
