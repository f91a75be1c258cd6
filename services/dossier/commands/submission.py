"""The draft is sent: checked as a whole, numbered, received."""

import hashlib
import secrets
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from services.dossier import queries
from services.dossier.commands import answers as forms
from services.dossier.commands.drafts import answers_of, missing, protect
from services.dossier.model.dossier import Dossier
from services.dossier.model.drafts import check_applicant
from services.dossier.model.history import ReceiptKey, Whose
from services.dossier.tables import counters
from vocabulary.calendar import VIETNAM
from vocabulary.codes import dossier_code
from vocabulary.refusals import Invalid

KEY_BYTES = 16


def submit(uow: UnitOfWork, whose: Whose, kind: str, assurance: str, key: str) -> Dossier:
    """Invalid names every missing answer and paper at once; Conflict when it was submitted before."""
    found = queries.own(uow, whose, key, lock=True)
    found.check_draft()
    procedure = queries.procedure_of(uow, found)
    check_applicant(procedure, kind, assurance)
    answers = forms.settled(procedure.form, answers_of(uow, found))
    wanting = missing(procedure, found, answers)
    if wanting:
        raise Invalid(
            "dossier-incomplete",
            f"Hồ sơ còn thiếu {len(wanting)} mục. Xem từng mục bên dưới.",
            f"The dossier still lacks {len(wanting)} things. See each below.",
            wanting,
        )
    found.answers = protect(uow, whose.account, answers)
    receipt, calendar = _new_key(uow, whose.account), queries.calendar(uow)
    uow.session.flush()
    code = _next_code(uow, found.agency)
    uow.emit(found.submit(code, receipt, uow.now(), calendar, whose.actor))
    audit.record(uow, audit.caller(), "dossier-submitted", whose.account, found.code or "")
    return found


def digest(key: str) -> bytes:
    """What is stored of a receipt's key: it is random and long, so a plain hash keeps it."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def _new_key(uow: UnitOfWork, applicant: UUID) -> ReceiptKey:
    key = secrets.token_urlsafe(KEY_BYTES)
    return ReceiptKey(digest(key), uow.protect(applicant, key))


def _next_code(uow: UnitOfWork, agency: str) -> str:
    """The agency's next number of the local day; its row stays locked until the commit, so take it last."""
    day: date = uow.now().astimezone(VIETNAM).date()
    first = insert(counters).values(agency=agency, day=day, last=1)
    step = first.on_conflict_do_update(
        index_elements=[counters.c.agency, counters.c.day], set_={"last": counters.c.last + 1}
    )
    return dossier_code(agency, day, uow.session.execute(step.returning(counters.c.last)).scalar_one())
