"""Proving who one is by the social insurance number: the register must know exactly this person by it."""

from typing import Any

import pytest

from chassis.http import Away
from chassis.testing import ServiceUnderTest
from sandbox.faults import Faults
from sandbox.people import named
from services.identity.adapters.insurance_register import insurance_register
from services.identity.model.person import Person
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused

AN_NUMBER = named()[AN].social_insurance_number
BORROWED = "0987000028"
"""A phone in another person's name: it is the number that proves, not the SIM."""


def insured(**changes: Any) -> dict[str, Any]:
    return person(**{"social_insurance_number": AN_NUMBER, **changes})


def register(portal: Portal, **changes: Any) -> Any:
    return portal.register(insured(**changes), method="social-insurance")


def test_a_citizen_gets_an_account_by_social_insurance_number_and_a_code_to_the_phone(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    started = register(portal, phone=BORROWED).get_json()
    assert (started["state"], started["resend_after"]) == ("awaiting-code", 60)
    assert identity.unsealed(portal.requested()[-1].phone, "notify") == BORROWED
    assert portal.confirm(started["id"], portal.code()).status_code == 200
    made = portal.post(f"/registrations/{started['id']}/account", {"password": PASSWORD}).get_json()
    assert (made["login"], made["assurance"]) == (AN, "medium")
    assert AN_NUMBER not in identity.everything_stored()


@pytest.mark.parametrize(
    "wrong",
    [
        {"social_insurance_number": named()[NGOC].social_insurance_number},
        {"social_insurance_number": "0112000018"},
        {"full_name": "Nguyen Van An"},
        {"date_of_birth": "1999-02-04"},
        {"id_number": "001099000018"},
        {"id_number": NGOC, "date_of_birth": "1995-11-20"},
    ],
)
def test_every_mismatch_with_the_register_gets_one_answer(portal: Portal, wrong: dict[str, str]) -> None:
    problem = refused(portal.register(insured() | wrong, method="social-insurance"), 422, "register-mismatch")
    everywhere = {name: value for name, value in problem.items() if name != "request_id"}
    known = refused(
        portal.register(insured(social_insurance_number="9999999999"), method="social-insurance"),
        422,
        "register-mismatch",
    )
    assert everywhere == {name: value for name, value in known.items() if name != "request_id"}
    assert "errors" not in problem
    assert portal.requested() == []


@pytest.mark.parametrize(("number", "code"), [(None, "required"), ("", "required"), ("12345", None)])
def test_the_number_is_asked_for_and_must_have_its_form(
    portal: Portal, number: str | None, code: str | None
) -> None:
    answer = portal.register(person(social_insurance_number=number), method="social-insurance")
    problem = refused(answer, 422, "invalid", "/person/social_insurance_number")
    assert [fault["code"] for fault in problem["errors"]] == [code or "social-insurance-number-format"]


def test_a_register_that_is_away_asks_to_try_again_and_does_not_speak_of_the_phone_company(
    portal: Portal, faults: Faults
) -> None:
    faults.down = True
    problem = refused(register(portal), 503, "register-away")
    assert "bảo hiểm" in problem["detail"]


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9"])
def test_an_insurance_register_that_cannot_be_reached_is_away(url: str) -> None:
    with pytest.raises(Away):
        insurance_register(url).insures(Person(AN, "Nguyễn Văn An", "0912000017"), AN_NUMBER)
