from datetime import date
from typing import Any, ClassVar, Literal

from msgspec import Struct

from contracts.event import Event, Instant, Name

SOURCE = "/services/catalog"


class AgencyPublished(Event, frozen=True, kw_only=True):
    """An office that takes dossiers is in the catalogue, or is called otherwise now."""

    type: ClassVar[str] = "motcua.catalog.agency-published.v1"
    source: ClassVar[str] = SOURCE

    code: str
    name: Name
    level: Literal["ministry", "province", "commune", "vertical"]

    @property
    def subject(self) -> str:
        return f"agency/{self.code}"


class AgencySnapshot(AgencyPublished, frozen=True, kw_only=True):
    """An agency as the catalogue has it now, for a subscriber that lacks the past."""

    type: ClassVar[str] = "motcua.catalog.agency-snapshot.v1"


class AgencyRef(Struct, frozen=True):
    code: str
    name: Name


class Document(Struct, frozen=True):
    """A paper to attach. `case` says when it is asked for, in words; `required` papers block submission.

    `when` repeats a form condition as data: asked for only if form field `field` equals one of `values`.
    """

    id: str
    name: Name
    required: bool
    case: Name | None = None
    when: dict[str, Any] | None = None


class Fee(Struct, frozen=True):
    """Money in VND for one channel, in force from `valid_from` to `valid_to` inclusive (open when None)."""

    name: Name
    channel: Literal["online", "counter", "post"]
    amount: int
    valid_from: date | None = None
    valid_to: date | None = None


class TimeLimit(Struct, frozen=True):
    """`same-day`: due the same working day, the next one if received after 15:00 (`amount` is 0)."""

    channel: Literal["online", "counter", "post"]
    amount: int
    unit: Literal["working-days", "working-hours", "calendar-days", "same-day"]


class Form(Struct, frozen=True):
    """`schema` is JSON Schema 2020-12; `layout` is the steps and fields the pages draw."""

    schema: dict[str, Any]
    layout: list[dict[str, Any]]


class ProcedurePublished(Event, frozen=True, kw_only=True):
    """A version of a public service, whole: what was begun with an earlier one keeps that one."""

    type: ClassVar[str] = "motcua.catalog.procedure-published.v1"
    source: ClassVar[str] = SOURCE

    code: str
    version: int
    name: Name
    audience: list[Literal["citizen", "business"]]
    event: str
    sector: Name
    agency_level: Literal["ministry", "province", "commune", "vertical"]
    service_level: Literal["full", "partial"]
    assurance: Literal["medium", "high"]
    result: Name
    agencies: list[AgencyRef]
    documents: list[Document]
    form: Form
    fees: list[Fee]
    time_limits: list[TimeLimit]
    published_at: Instant

    @property
    def subject(self) -> str:
        return f"procedure/{self.code}"


class ProcedureSnapshot(ProcedurePublished, frozen=True, kw_only=True):
    """A version of a public service as it was published, for a subscriber that lacks the past.

    Every version comes, the oldest first; its agencies are called as they are called now.
    """

    type: ClassVar[str] = "motcua.catalog.procedure-snapshot.v1"


class DayOff(Struct, frozen=True):
    """An administrator's word on one date, over the public holiday library's: off, or worked."""

    day: date
    worked: bool
    reason: Name


class CalendarPublished(Event, frozen=True, kw_only=True):
    """All of one year's exceptions from the public holidays, whole each time."""

    type: ClassVar[str] = "motcua.catalog.calendar-published.v1"
    source: ClassVar[str] = SOURCE

    year: int
    days: list[DayOff]

    @property
    def subject(self) -> str:
        return f"calendar/{self.year}"


class CalendarSnapshot(CalendarPublished, frozen=True, kw_only=True):
    """A year's exceptions as they are now, for a subscriber that lacks the past."""

    type: ClassVar[str] = "motcua.catalog.calendar-snapshot.v1"
