"""One good event of each type: the examples of the AsyncAPI document."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from contracts.agency import Decision
from contracts.catalog import (
    AgencyPublished,
    AgencyRef,
    AgencySnapshot,
    CalendarPublished,
    CalendarSnapshot,
    DayOff,
    Document,
    Fee,
    Form,
    ProcedurePublished,
    ProcedureSnapshot,
    TimeLimit,
)
from contracts.dossier import (
    DecisionApplied,
    DecisionRejected,
    DossierAccepted,
    DossierFinished,
    DossierForwarded,
    DossierRefused,
    DossierSnapshot,
    DossierSubmitted,
    ResultHandedOver,
    WithdrawalClosed,
    WithdrawalDeclined,
    WithdrawalRequested,
)
from contracts.event import Event, Name, Sealed
from contracts.identity import (
    AccountChanged,
    AccountClosed,
    AccountNotice,
    AccountRegistered,
    AccountSnapshot,
    CodeRequested,
    OfficialInvited,
)

AN = UUID("01a207b0-fac2-7347-8ed4-f8eb96f29e2e")
REQUEST = UUID("01a207b0-1c5e-7b1f-9d0a-52c1a0f6c1d3")
DECISION = UUID("01a20c2c-7d0e-7a64-8b2d-0c0f8c1b7f11")
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
CODE = "H01-261123-0001"
CUA_NAM = Name("UBND phường Cửa Nam, Hà Nội", "Cua Nam Ward People's Committee, Hanoi")
BIRTH = Name("Đăng ký khai sinh", "Birth registration")
SEALED = Sealed(kid="2026-11", box="bm9uY2UgYW5kIGNpcGhlcnRleHQgaW4gYmFzZTY0")


def dossier(status: int, version: int, **more: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "code": CODE,
        "agency": "H01",
        "agency_name": CUA_NAM,
        "procedure": "1.001193",
        "procedure_name": BIRTH,
        "applicant": AN,
        "status": status,
        "version": version,
        "at": AT,
    }
    return facts | more


PROCEDURE: dict[str, Any] = {
    "code": "1.001193",
    "version": 3,
    "name": BIRTH,
    "audience": ["citizen"],
    "event": "co-con-nho",
    "sector": Name("Hộ tịch", "Civil status"),
    "agency_level": "commune",
    "service_level": "full",
    "assurance": "medium",
    "result": Name("Giấy khai sinh", "Birth certificate"),
    "agencies": [AgencyRef("H01", CUA_NAM)],
    "documents": [Document("birth-notice", Name("Giấy chứng sinh", "Notice of birth"), required=True)],
    "form": Form(
        schema={"type": "object", "properties": {"child_name": {"type": "string"}}},
        layout=[
            {
                "id": "child",
                "title": "Trẻ em",
                "fields": [{"name": "child_name", "label": "Họ và tên", "label_en": "Full name"}],
            }
        ],
    ),
    "fees": [Fee(Name("Lệ phí hộ tịch", "Civil status fee"), channel="online", amount=0)],
    "time_limits": [TimeLimit(channel="online", amount=0, unit="same-day")],
    "published_at": AT,
}
ACCOUNT: dict[str, Any] = {
    "account": AN,
    "kind": "citizen",
    "assurance": "medium",
    "language": "vi",
    "contact": SEALED,
    "profile": SEALED,
    "at": AT,
}
NEW_YEAR = DayOff(date(2027, 1, 1), worked=False, reason=Name("Tết Dương lịch", "New Year's Day"))

EVENTS: tuple[Event, ...] = (
    AgencyPublished(code="H01", name=CUA_NAM, level="commune"),
    AgencySnapshot(code="H01", name=CUA_NAM, level="commune"),
    ProcedurePublished(**PROCEDURE),
    ProcedureSnapshot(**PROCEDURE),
    CalendarPublished(year=2027, days=[NEW_YEAR]),
    CalendarSnapshot(year=2027, days=[NEW_YEAR]),
    CodeRequested(request=REQUEST, purpose="login", phone=SEALED, code=SEALED, language="vi", expires_at=AT),
    OfficialInvited(
        invitation=REQUEST,
        invited_to="H01",
        channel="sms",
        to=SEALED,
        link=SEALED,
        language="vi",
        expires_at=AT,
    ),
    AccountRegistered(**ACCOUNT),
    AccountSnapshot(**ACCOUNT),
    AccountChanged(**ACCOUNT),
    AccountClosed(account=AN, at=AT),
    AccountNotice(
        account=AN,
        notice="new-login",
        details={"browser": "Chrome, Android"},
        language="vi",
        contact=SEALED,
        at=AT,
    ),
    DossierSubmitted(**dossier(1, 2), answer_due_at=DUE),
    DossierAccepted(**dossier(2, 3), due_at=DUE),
    DossierRefused(**dossier(3, 3), reason=SEALED, closed="refused"),
    DossierForwarded(**dossier(4, 4), due_at=DUE),
    DossierFinished(**dossier(9, 5), due_at=DUE),
    ResultHandedOver(**dossier(10, 6), due_at=DUE, closed="handed-over"),
    WithdrawalRequested(**dossier(7, 3)),
    WithdrawalClosed(**dossier(7, 4), closed="withdrawn"),
    WithdrawalDeclined(**dossier(1, 4), reason=SEALED),
    DossierSnapshot(**dossier(4, 4), due_at=DUE, answer_due_at=DUE),
    DecisionApplied(decision_id=DECISION, agency="H01", code=CODE, version=3),
    DecisionRejected(
        decision_id=DECISION,
        agency="H01",
        code=CODE,
        problem="changed-meanwhile",
        detail=Name("Hồ sơ đã thay đổi sau khi bạn mở.", "The dossier changed after you opened it."),
    ),
    Decision(decision_id=DECISION, code=CODE, action="accept", expected_version=2),
)
GOLDEN = {type(event): event for event in EVENTS}
