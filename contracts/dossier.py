from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event, Instant, Name, Sealed

SOURCE = "/services/dossier"
Outcome = Literal["handed-over", "refused", "withdrawn", "stopped"]


class DossierEvent(Event, frozen=True, kw_only=True):
    """What every dossier event says. `subject` is the dossier's code.

    `status` is one of the ten national codes; `version` is the dossier's version after the change.
    `reason` is sealed for notify, which tells the applicant; agencies know what they wrote.
    """

    source: ClassVar[str] = SOURCE

    code: str
    agency: str
    agency_name: Name
    procedure: str
    procedure_name: Name
    applicant: UUID
    status: int
    version: int
    at: Instant
    due_at: Instant | None = None
    reason: Sealed | None = None
    closed: Outcome | None = None

    @property
    def subject(self) -> str:
        return self.code


class DossierSubmitted(DossierEvent, frozen=True, kw_only=True):
    """A dossier was sent to its agency, which answers until `answer_due_at`."""

    type: ClassVar[str] = "motcua.dossier.submitted.v1"

    answer_due_at: Instant


class DossierAccepted(DossierEvent, frozen=True, kw_only=True):
    """The agency took the dossier on; the result is due at `due_at`."""

    type: ClassVar[str] = "motcua.dossier.accepted.v1"


class DossierRefused(DossierEvent, frozen=True, kw_only=True):
    """The agency did not take the dossier on: it is closed."""

    type: ClassVar[str] = "motcua.dossier.refused.v1"


class DossierForwarded(DossierEvent, frozen=True, kw_only=True):
    """The dossier was passed on to whoever processes it."""

    type: ClassVar[str] = "motcua.dossier.forwarded.v1"


class DossierFinished(DossierEvent, frozen=True, kw_only=True):
    """Processing is done: the result waits to be handed over."""

    type: ClassVar[str] = "motcua.dossier.finished.v1"


class ResultHandedOver(DossierEvent, frozen=True, kw_only=True):
    """The applicant has the result: the dossier is closed."""

    type: ClassVar[str] = "motcua.dossier.handed-over.v1"


class WithdrawalRequested(DossierEvent, frozen=True, kw_only=True):
    """The applicant asks to have the dossier back; the agency closes it or declines."""

    type: ClassVar[str] = "motcua.dossier.withdrawal-requested.v1"


class WithdrawalClosed(DossierEvent, frozen=True, kw_only=True):
    """The agency agreed: the dossier is closed as withdrawn."""

    type: ClassVar[str] = "motcua.dossier.withdrawal-closed.v1"


class WithdrawalDeclined(DossierEvent, frozen=True, kw_only=True):
    """The agency did not agree: the dossier is back in the status before."""

    type: ClassVar[str] = "motcua.dossier.withdrawal-declined.v1"


DOSSIER_EVENTS: tuple[type[DossierEvent], ...] = (
    DossierSubmitted,
    DossierAccepted,
    DossierRefused,
    DossierForwarded,
    DossierFinished,
    ResultHandedOver,
    WithdrawalRequested,
    WithdrawalClosed,
    WithdrawalDeclined,
)


class DossierSnapshot(DossierEvent, frozen=True, kw_only=True):
    """A dossier as it is now, for who lacks the past; `at` is when it became so. It is no news to anybody.

    Who keeps the same `version` or a later one has nothing to do. Drafts have none; `reason` is left out.
    """

    type: ClassVar[str] = "motcua.dossier.snapshot.v1"

    answer_due_at: Instant


class DecisionApplied(Event, frozen=True, kw_only=True):
    """The answer to a decision that an agency's back office sent over AMQP."""

    type: ClassVar[str] = "motcua.dossier.decision-applied.v1"
    source: ClassVar[str] = SOURCE

    decision_id: UUID
    agency: str
    code: str
    version: int

    @property
    def subject(self) -> str:
        return f"decision/{self.decision_id}"


class DecisionRejected(Event, frozen=True, kw_only=True):
    """The answer to a decision that could not be applied; `problem` is the stable code of the refusal.

    `agency` is the agency of the broker account that sent it, never one the message claims.
    """

    type: ClassVar[str] = "motcua.dossier.decision-rejected.v1"
    source: ClassVar[str] = SOURCE

    decision_id: UUID
    agency: str
    code: str
    problem: str
    detail: Name

    @property
    def subject(self) -> str:
        return f"decision/{self.decision_id}"
