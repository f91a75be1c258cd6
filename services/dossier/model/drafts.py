"""Beginning a draft: who may ask for a procedure, and from which agency."""

from datetime import datetime
from uuid import UUID

from contracts.catalog import AgencyRef, ProcedurePublished
from services.dossier.model.dossier import Dossier
from services.dossier.model.history import Whose
from vocabulary.refusals import Fault, Forbidden, Invalid
from vocabulary.text import Text


def draft(
    id: UUID, applicant: UUID, procedure: ProcedurePublished, agency: str, answers: bytes, at: datetime
) -> Dossier:
    """A new draft. Invalid when the agency does not take this procedure."""
    found = _agency_of(procedure, agency)
    limit = next((limit for limit in procedure.time_limits if limit.channel == "online"), None)
    return Dossier(
        id=id,
        applicant=applicant,
        procedure=procedure.code,
        procedure_version=procedure.version,
        procedure_name=procedure.name,
        agency=found.code,
        agency_name=found.name,
        limit_amount=limit.amount if limit else None,
        limit_unit=limit.unit if limit else None,
        answers=answers,
        changed_at=at,
    )


def check_covered(procedure: str, whose: Whose) -> None:
    """Forbidden when somebody acts for the applicant whose mandate is not for this procedure."""
    if whose.procedures is not None and procedure not in whose.procedures:
        raise Forbidden(
            "not-in-mandate",
            "Ủy quyền của bạn không bao gồm thủ tục này.",
            "Your mandate is not for this procedure.",
        )


def check_applicant(procedure: ProcedurePublished, kind: str, assurance: str) -> None:
    """Forbidden when the procedure is not for this kind of account, or asks for a stronger proof."""
    if kind not in procedure.audience:
        raise Forbidden(
            "not-for-this-account",
            "Thủ tục này không dành cho loại tài khoản của bạn.",
            "This procedure is not for your kind of account.",
        )
    if procedure.assurance == "high" and assurance != "high":
        raise Forbidden(
            "assurance-too-low",
            "Thủ tục này cần xác thực mức cao: chữ ký số USB hoặc chữ ký số trên SIM.",
            "This procedure needs high assurance: a USB signature token or a SIM signature.",
        )


def _agency_of(procedure: ProcedurePublished, agency: str) -> AgencyRef:
    found = next((one for one in procedure.agencies if one.code == agency), None)
    if found is None:
        text = Text("Cơ quan này không nhận thủ tục đã chọn.", "This agency does not take the procedure.")
        raise Invalid("agency-not-competent", text.vi, text.en, [Fault("/agency", "not-competent", text)])
    return found
