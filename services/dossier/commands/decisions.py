"""What moves a submitted dossier: the agency's decisions, by three doors, and the applicant's withdrawal."""

from uuid import UUID

from sqlalchemy import insert

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from services.dossier import queries
from services.dossier.commands.answers import is_unreadable
from services.dossier.model.dossier import Dossier
from services.dossier.model.history import Actor, Reason, Whose
from services.dossier.tables import refused_decisions
from vocabulary.refusals import Fault, Invalid, Refusal
from vocabulary.text import Text

LONGEST_REASON = 2000
LONGEST_TOLD = 60


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
    as Dossier.act. `decision` is the back office's own id of it: the same one again changes nothing, and
    is a Conflict under another action.
    """
    found = queries.at_desk(uow, by.agency, code, lock=True)
    if decision is not None and found.version_after(decision):
        found.check_repeats(decision, action)
        return found
    found.check_version(expected_version)
    given = _reason(uow, found, reason)
    uow.emit(found.act(action, by, uow.now(), queries.calendar(uow), given, decision))
    who = audit.caller() if by.account else audit.Actor("agency", agency=by.agency)
    audit.record(
        uow, who, "dossier-decided", found.applicant, code, {"action": action, "version": found.version}
    )
    return found


def record_refused(
    uow: UnitOfWork,
    refusal: Refusal,
    *,
    message: UUID,
    decision: UUID | None,
    account: str | None,
    agency: str | None,
    code: str,
    action: str,
) -> None:
    """What a back office asked for and did not get. `account`: on the broker, or the client's id."""
    row = {
        "message_id": message,
        "decision_id": decision,
        "account": account,
        "agency": agency,
        "code": told(code),
        "action": told(action),
        "problem": refusal.code,
        "at": uow.now(),
    }
    uow.session.execute(insert(refused_decisions).values(row))


def told(given: str) -> str:
    """What an outsider wrote, short and without what PostgreSQL does not take."""
    return given[:LONGEST_TOLD].replace("\x00", "").encode("utf-8", "replace").decode()


def withdraw(uow: UnitOfWork, whose: Whose, code: str, reason: str | None) -> Dossier:
    """The applicant asks to have it back; the agency closes or declines. Conflict when it is too late."""
    found = queries.own(uow, whose, code, lock=True)
    by = Actor("applicant", whose.account, actor=whose.actor)
    uow.emit(found.act("withdraw", by, uow.now(), queries.calendar(uow), _reason(uow, found, reason)))
    audit.record(uow, audit.caller(), "dossier-asked-back", whose.account, code)
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
