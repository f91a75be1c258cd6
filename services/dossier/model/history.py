"""Who did what to a dossier, when and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.event import Sealed
from services.dossier.model.workflow import Side


@dataclass(frozen=True)
class Whose:
    """An applicant's own dossiers, as the caller may see them: `actor` acts for the applicant, in these
    `procedures` (None: all).
    """

    account: UUID
    actor: UUID | None = None
    procedures: frozenset[str] | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts. `account` is None for a back office that decides over AMQP; `roles` are an official's, and
    None for a back office, which answers for its own people. `actor` acts for `account`, by a mandate."""

    side: Side
    account: UUID | None = None
    agency: str | None = None
    roles: frozenset[str] | None = None
    actor: UUID | None = None


@dataclass(frozen=True)
class Reason:
    """A reason in the two forms it leaves the command in: for our own storage, and for notify."""

    protected: bytes
    sealed: Sealed


@dataclass(frozen=True)
class ReceiptKey:
    """The key on the receipt: its hash for look-up, and protected for its owner to see again."""

    digest: bytes
    protected: bytes


@dataclass(eq=False)
class Step:
    """One row of the history. `agency` is None for what the applicant did, or `actor` for them."""

    dossier_id: UUID
    version: int
    status: int
    at: datetime
    account: UUID | None
    agency: str | None
    reason: bytes | None
    decision: UUID | None = None
    actor: UUID | None = None
