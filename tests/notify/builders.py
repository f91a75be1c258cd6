"""Events as the other services announce them; a test says only what it cares about."""

import json
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from chassis.testing import ServiceUnderTest
from contracts.dossier import DossierEvent, DossierSubmitted
from contracts.event import Name
from contracts.identity import AccountNotice, AccountRegistered, CodeRequested

AN = UUID("01a207b0-fac2-7347-8ed4-f8eb96f29e2e")
PHONE = "0912000017"
EMAIL = "an@example.test"
E = TypeVar("E", bound=DossierEvent)
A = TypeVar("A", bound=AccountRegistered)


def contact(changes: dict[str, Any]) -> str:
    """As identity seals it: `phone` and `email` of the changes."""
    email = changes.pop("email", None)
    return json.dumps({"phone": changes.pop("phone", PHONE), **({"email": email} if email else {})})


def registered(sut: ServiceUnderTest, **changes: Any) -> AccountRegistered:
    return account_event(sut, AccountRegistered, **changes)


def account_event(sut: ServiceUnderTest, event: type[A], **changes: Any) -> A:
    where = contact(changes)
    values: dict[str, Any] = {
        "account": AN,
        "kind": "citizen",
        "assurance": "medium",
        "language": "vi",
        "contact": sut.sealed(where, "notify"),
        "profile": sut.sealed("{}", "dossier"),
        "at": sut.clock.now,
    }
    return event(**(values | changes))


def noticed(sut: ServiceUnderTest, notice: str = "new-login", **changes: Any) -> AccountNotice:
    where = contact(changes)
    values: dict[str, Any] = {
        "account": AN,
        "notice": notice,
        "details": {},
        "language": "vi",
        "contact": sut.sealed(where, "notify"),
        "at": sut.clock.now,
    }
    return AccountNotice(**(values | changes))


def code_requested(sut: ServiceUnderTest, **changes: Any) -> CodeRequested:
    values: dict[str, Any] = {
        "request": uuid4(),
        "purpose": "login",
        "phone": sut.sealed(PHONE, "notify"),
        "code": sut.sealed("428613", "notify"),
        "language": "vi",
        "expires_at": sut.clock.now + timedelta(minutes=5),
    }
    return CodeRequested(**(values | changes))


def about_dossier(sut: ServiceUnderTest, event: type[E], **changes: Any) -> E:
    values: dict[str, Any] = {
        "code": "H01-261123-0001",
        "agency": "H01",
        "agency_name": Name("UBND phường Cửa Nam, Hà Nội", "Cua Nam Ward People's Committee, Hanoi"),
        "procedure": "1.001193",
        "procedure_name": Name("Đăng ký khai sinh", "Birth registration"),
        "applicant": AN,
        "status": 1,
        "version": 1,
        "at": sut.clock.now,
    }
    if event is DossierSubmitted:
        values["answer_due_at"] = sut.clock.now + timedelta(hours=8)
    return event(**(values | changes))
