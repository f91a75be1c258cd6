"""A dossier from draft to result: the rules. Methods that change it return the event they cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from contracts.dossier import DossierEvent, DossierSnapshot, DossierSubmitted, Outcome
from contracts.event import Name
from services.dossier.model.history import Actor, Reason, ReceiptKey, Step
from services.dossier.model.papers import File
from services.dossier.model.rights import available
from services.dossier.model.workflow import WORKFLOW, Action, Side
from vocabulary.calendar import Calendar, Limit, Unit
from vocabulary.refusals import Conflict, Fault, Invalid, Stale
from vocabulary.text import Text

State = Literal["draft", "in-progress", "completed", "closed"]
HOURS_TO_ANSWER = 8
"""Working hours within which a submission is accepted or refused (NĐ 118/2025)."""
COMPLETED = frozenset({9, 10})
WAITING_FOR_APPLICANT = frozenset({5, 6})
CLOCK_STOPPED = frozenset({5, 6, 8, 9, 10})


@dataclass(eq=False)
class Dossier:
    """`status` is None while it is a draft; `version` rises with every change; `answers` are protected.

    `limit` is the procedure's time limit online. `came_from` holds the statuses to go back to, the last
    one first.
    """

    id: UUID
    applicant: UUID
    procedure: str
    procedure_version: int
    procedure_name: Name
    agency: str
    agency_name: Name
    limit_amount: int | None
    limit_unit: Unit | None
    answers: bytes
    changed_at: datetime
    version: int = 1
    code: str | None = None
    status: int | None = None
    came_from: Sequence[int] = ()
    submitted_at: datetime | None = None
    answer_due_at: datetime | None = None
    due_at: datetime | None = None
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    receipt_digest: bytes | None = None
    receipt_key: bytes | None = None
    files: list[File] = field(default_factory=list)
    history: list[Step] = field(default_factory=list)

    @property
    def deadline(self) -> datetime | None:
        """What the agency is measured by: the result's date, before acceptance the answer's."""
        return self.due_at or self.answer_due_at

    def actions(self, side: Side, roles: frozenset[str] | None = None) -> list[str]:
        """What this side can do now; with `roles`, what an official who has these can."""
        return WORKFLOW.possible(side, self.status, self.outcome is not None, roles) if self.status else []

    def version_after(self, decision: UUID) -> int | None:
        """The version that this decision of a back office made, if it was applied."""
        return next((step.version for step in self.history if step.decision == decision), None)

    def check_repeats(self, decision: UUID, name: str) -> None:
        """Conflict when what this decision did before cannot have been the action `name`: another decision
        under a used id would be answered as done, and lost.
        """
        at = next(n for n, step in enumerate(self.history) if step.decision == decision)
        if not WORKFLOW.may_lead(name, self.history[at - 1].status, self.history[at].status):
            raise Conflict(
                "decision-id-used",
                "Mã quyết định này đã dùng cho một quyết định khác của hồ sơ. Hãy gửi lại với mã mới.",
                "This decision_id was used for another decision on the dossier. Send it with a new one.",
            )

    def check_version(self, expected: int) -> None:
        if expected != self.version:
            raise Stale(
                "changed-meanwhile",
                "Hồ sơ đã thay đổi sau khi bạn mở. Hãy xem lại rồi làm tiếp.",
                "The dossier changed after you opened it. Look at it again, then go on.",
            )

    def answer(self, answers: bytes, at: datetime) -> None:
        """Replace the answers of the draft."""
        self._edit(at)
        self.answers = answers

    def attach(self, file: File, at: datetime, most: int) -> None:
        self.check_room(most)
        self._edit(at)
        self.files.append(file)

    def detach(self, file: File, at: datetime) -> None:
        self._edit(at)
        self.files.remove(file)

    def check_draft(self) -> None:
        """Conflict once it was submitted: what was sent is not changed any more."""
        if self.status is not None:
            raise Conflict(
                "already-submitted",
                f"Hồ sơ đã được gửi với mã {self.code} nên không sửa được nữa.",
                f"The dossier was submitted as {self.code} and cannot be changed any more.",
            )

    def check_room(self, most: int) -> None:
        """Conflict when the draft holds `most` files already, or is no draft any more."""
        self.check_draft()
        if len(self.files) >= most:
            raise Conflict(
                "too-many-files",
                f"Mỗi hồ sơ đính kèm tối đa {most} tệp. Hãy bỏ bớt tệp trước khi thêm.",
                f"A dossier holds at most {most} files. Remove one before you add another.",
            )

    def _edit(self, at: datetime) -> None:
        self.check_draft()
        self.version += 1
        self.changed_at = at

    def submit(
        self, code: str, key: ReceiptKey, at: datetime, calendar: Calendar, actor: UUID | None = None
    ) -> DossierSubmitted:
        """The draft becomes a dossier. Its completeness is the command's to check before."""
        self.check_draft()
        self.code, self.submitted_at = code, at
        self.receipt_digest, self.receipt_key = key.digest, key.protected
        self.answer_due_at = calendar.add_working_hours(at, HOURS_TO_ANSWER)
        self._enter(WORKFLOW.start, Actor("applicant", self.applicant, actor=actor), at)
        return DossierSubmitted(**self._facts(at), answer_due_at=self.answer_due_at)

    def act(
        self,
        name: str,
        by: Actor,
        at: datetime,
        calendar: Calendar,
        reason: Reason | None = None,
        decision: UUID | None = None,
    ) -> DossierEvent:
        """Take one action of the workflow.

        Invalid: `action-unknown`, `action-not-yet-available`, `reason-required`. Forbidden: an official
        without the role for it. Conflict: the workflow does not allow it in the present status.
        """
        action, event = available(name, by)
        status = self._check_possible(action)
        if action.needs_reason and reason is None:
            raise _reason_required()
        after, self.came_from = WORKFLOW.move(action, status, self.came_from)
        self._enter(after, by, at, reason, decision)
        if action.starts_clock and self.limit_unit is not None:
            self.due_at = calendar.due(at, Limit(self.limit_amount or 0, self.limit_unit)).astimezone(UTC)
        self.outcome, self.closed_at = action.closes, at if action.closes else None
        return event(**self._facts(at), reason=reason.sealed if reason else None)

    def snapshot(self) -> DossierSnapshot:
        """What a submitted dossier is now."""
        return DossierSnapshot(**{**self._facts(self.changed_at), "answer_due_at": self.answer_due_at})

    def _check_possible(self, action: Action) -> int:
        """The present status, if the action is possible in it."""
        if self.status in action.sources and (self.outcome is None or action.reopens):
            return self.status
        where = WORKFLOW.statuses[self.status] if self.status else Name("bản nháp", "a draft")
        named = f"{self.status} {where.vi}" if self.status else where.vi
        ended = _ended(self.outcome)
        raise Conflict(
            "action-not-possible",
            f"Không thể {action.verb.vi} hồ sơ đang ở trạng thái {named}{ended.vi}.",
            f"cannot {action.verb.en} a dossier that is {named} ({where.en}){ended.en}",
        )

    def _enter(
        self,
        status: int,
        by: Actor,
        at: datetime,
        reason: Reason | None = None,
        decision: UUID | None = None,
    ) -> None:
        self.status, self.changed_at = status, at
        self.version += 1
        protected = reason.protected if reason else None
        self.history.append(
            Step(self.id, self.version, status, at, by.account, by.agency, protected, decision, by.actor)
        )

    def _facts(self, at: datetime) -> Mapping[str, Any]:
        """What every event of this dossier says."""
        return {
            "code": self.code,
            "agency": self.agency,
            "agency_name": self.agency_name,
            "procedure": self.procedure,
            "procedure_name": self.procedure_name,
            "applicant": self.applicant,
            "status": self.status,
            "version": self.version,
            "at": at,
            "due_at": self.due_at,
            "closed": self.outcome,
        }


def state_of(status: int | None, outcome: str | None) -> State:
    """How the dossier counts (DOMAIN: completed is 9 and 10; closed is closed without a result)."""
    if status is None:
        return "draft"
    if status in COMPLETED:
        return "completed"
    return "closed" if outcome else "in-progress"


def is_overdue(status: int | None, outcome: str | None, deadline: datetime | None, at: datetime) -> bool:
    if outcome or status in CLOCK_STOPPED or deadline is None:
        return False
    return deadline < at


def _reason_required() -> Invalid:
    text = Text("Hãy nêu lý do.", "Give a reason.")
    return Invalid("reason-required", text.vi, text.en, [Fault("/reason", "required", text)])


def _ended(outcome: Outcome | None) -> Text:
    return Text(" và đã khép lại", " and is closed") if outcome else Text("", "")
