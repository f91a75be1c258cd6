"""What moves a submitted dossier: the agency's decisions, by three doors, and the applicant's withdrawal."""

from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from services.dossier import queries
from services.dossier.commands.answers import is_unreadable
from services.dossier.model.dossier import Dossier
from services.dossier.model.history import Actor, Reason
from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text

LONGEST_REASON = 2000


def decide(
    uow: UnitOfWork,
    by: Actor,
    code: str,
    action: str,
    reason: str | None,
    expected_version: int,
    decision: UUID | None = None,
) -> Dossier:
    """Apply an agency's decision.

    NotFound when the dossier is not the agency's; Stale when it changed since; Invalid and Conflict
    as Dossier.act. `decision` is the back office's own id of it: the same one again changes nothing.
    """
    found = queries.at_desk(uow, by.agency, code, lock=True)
    if decision is not None and found.version_after(decision):
        return found
    found.check_version(expected_version)
    given = _reason(uow, found, reason)
    uow.emit(found.act(action, by, uow.now(), queries.calendar(uow), given, decision))
    return found


def withdraw(uow: UnitOfWork, applicant: UUID, code: str, reason: str | None) -> Dossier:
    """The applicant asks to have it back; the agency closes or declines. Conflict when it is too late."""
    found = queries.own(uow, applicant, code, lock=True)
    by = Actor("applicant", applicant)
    uow.emit(found.act("withdraw", by, uow.now(), queries.calendar(uow), _reason(uow, found, reason)))
    return found


def _reason(uow: UnitOfWork, dossier: Dossier, given: str | None) -> Reason | None:
    text = (given or "").strip()
    if len(text) > LONGEST_REASON or is_unreadable(text):
        detail = Text(
            f"Lý do chỉ gồm chữ đọc được, tối đa {LONGEST_REASON} ký tự.",
            f"A reason is readable text of at most {LONGEST_REASON} characters.",
        )
        raise Invalid("reason-unfit", detail.vi, detail.en, [Fault("/reason", "unfit", detail)])
    if not text:
        return None
    return Reason(uow.protect(dossier.applicant, text), uow.seal(text, "notify"))
