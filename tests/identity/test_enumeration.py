"""Nobody finds out who has an account: by every method, they are answered like people who have none."""

from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from sandbox.people import known, named
from services.identity.model.methods import METHODS
from tests.identity.portal import AN, NGOC, Portal, person, refused
from tests.identity.test_counter import Counter
from tests.identity.test_methods import business_account, register_business

MINE = {"id", "registration_code", "challenge", "phone_code", "expires_at", "request_id", "instance"}
"""Of each registration alone, or of the moment."""
BY_CITIZENS = [method.id for method in METHODS.values() if "citizen" in method.kinds]
BY_BUSINESSES = [method.id for method in METHODS.values() if "business" in method.kinds]


def register(portal: Portal, method: str, who: str, **changes: str) -> TestResponse:
    number = named()[who].social_insurance_number
    return portal.register(person(who, **{"social_insurance_number": number, **changes}), method=method)


def like(answer: TestResponse) -> tuple[int, dict[str, Any], set[str], list[str]]:
    """All that can be seen of an answer: status, content, which fields it has, which headers."""
    body: Mapping[str, Any] = answer.get_json()
    common = {name: value for name, value in body.items() if name not in MINE}
    return answer.status_code, common, set(body), sorted(answer.headers.keys())


@pytest.mark.parametrize("method", BY_CITIZENS)
def test_a_citizen_with_an_account_is_answered_like_one_without(portal: Portal, method: str) -> None:
    portal.account()
    portal.wait(minutes=2)
    first, second = register(portal, method, AN), register(portal, method, NGOC)
    assert first.status_code == 201
    assert like(first) == like(second)
    steps = (
        lambda it: portal.get(f"/registrations/{it}"),
        lambda it: portal.post(f"/registrations/{it}/code"),
        lambda it: portal.confirm(it, "abcdef"),
        lambda it: portal.post(f"/registrations/{it}/confirmation", {"signature": "MII="}),
        lambda it: portal.post(f"/registrations/{it}/account", {"password": "cầu vồng sau mưa"}),
    )
    for step in steps:
        assert like(step(first.get_json()["id"])) == like(step(second.get_json()["id"]))


@pytest.mark.parametrize("method", BY_BUSINESSES)
def test_a_business_with_an_account_is_answered_like_one_without(
    portal: Portal, identity: ServiceUnderTest, method: str
) -> None:
    business_account(portal, identity)
    first = register_business(portal, method=method)
    second = register_business(portal, method=method, tax_code=known()["businesses"][1]["tax_code"])
    assert first.status_code == 201
    assert like(first) == like(second)


@pytest.mark.parametrize("method", [each.id for each in METHODS.values() if each.register])
@pytest.mark.parametrize("wrong", [{"full_name": "Nguyễn Văn Ân"}, {"full_name": "Nguyen Van An"}])
def test_a_mismatch_is_answered_alike_whoever_has_an_account(
    portal: Portal, method: str, wrong: dict[str, str]
) -> None:
    portal.account()
    portal.wait(minutes=2)
    assert like(register(portal, method, AN, **wrong)) == like(register(portal, method, NGOC, **wrong))


@pytest.mark.parametrize("method", [each.id for each in METHODS.values() if each.register])
def test_a_person_no_register_knows_is_answered_like_one_with_a_wrong_name(
    portal: Portal, method: str
) -> None:
    nobody = person(AN, id_number="001099000999", social_insurance_number="0112000999")
    mismatch = register(portal, method, AN, full_name="Nguyễn Văn Ân")
    refused(mismatch, 422, "register-mismatch")
    assert like(portal.register(nobody, method=method)) == like(mismatch)


def test_at_the_counter_a_clerk_can_not_tell_who_has_an_account(portal: Portal) -> None:
    portal.account()
    counter = Counter(portal)
    codes = [register(portal, "post", who).get_json()["registration_code"] for who in (AN, NGOC)]
    mine = {"full_name", "id_number", "date_of_birth"}
    looks = [counter.look(code).get_json() for code in codes]
    first, second = ({k: v for k, v in look.items() if k not in mine} for look in looks)
    assert first == second
    checks = [counter.check(code) for code in codes]
    assert [check.status_code for check in checks] == [201, 201]
    assert checks[0].get_json()["expires_at"] == checks[1].get_json()["expires_at"]
