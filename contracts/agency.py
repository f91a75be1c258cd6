from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

Action = Literal[
    "accept",
    "refuse",
    "forward",
    "finish",
    "hand-over",
    "close-withdrawal",
    "decline-withdrawal",
]


class Decision(Event, frozen=True, kw_only=True):
    """What an agency's back office sends us: the message's id is the decision's id.

    `expected_version` is the dossier's version the decision was made on. `action` is one of Action;
    any other word is answered with DecisionRejected, which a type that refuses to decode could not be.
    """

    type: ClassVar[str] = "motcua.agency.decision.v1"
    source: ClassVar[str] = "/agencies"

    decision_id: UUID
    code: str
    action: str
    expected_version: int
    reason: str | None = None

    @property
    def subject(self) -> str:
        return self.code
