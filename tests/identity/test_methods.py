"""Ways to prove who one is: for whom, worth how much, and what each asks."""

import json
from base64 import b64decode
from typing import Any, get_args
from uuid import UUID

import pytest

from chassis.testing import ServiceUnderTest
from contracts.identity import AccountRegistered
from sandbox.people import known
from services.identity import queries
from services.identity.commands import proofs, registration
from services.identity.model.account import Account
from services.identity.model.methods import METHODS
from services.identity.model.registration import TRANSITIONS, Event, Registration, State
from tests.identity.portal import AN, PASSWORD, Portal, claims, person, refused

SONG_HONG = "0101010011"


def business(**changes: Any) -> dict[str, Any]:
    """What a business of the sandbox types into the form."""
    found = known()["businesses"][0]
    return {name: value for name, value in found.items() if name != "card"} | changes


def register_business(portal: Portal, method: str = "usb-token", **changes: Any) -> Any:
    body = {"kind": "business", "method": method, "captcha": portal.captcha()}
    return portal.post("/registrations", body | {"business": business(**changes)})


def signed(identity: ServiceUnderTest, id: str) -> None:
    """As if the challenge had been signed with the right certificate."""
    with identity.units() as uow:
        registration.started(uow, UUID(id)).move("signature-verified")


def business_account(portal: Portal, identity: ServiceUnderTest, **changes: Any) -> dict[str, Any]:
    id = register_business(portal, **changes).get_json()["id"]
    signed(identity, id)
    made = portal.post(f"/registrations/{id}/account", {"password": PASSWORD})
    assert made.status_code == 201, made.get_data(as_text=True)
    found: dict[str, Any] = made.get_json()
    return found


@pytest.mark.parametrize("method", ["phone", "social-insurance", "post"])
def test_a_business_proves_itself_by_digital_signature_only(portal: Portal, method: str) -> None:
    refused(portal.register(kind="business", method=method), 422, "method-not-for-kind", "/method")


def test_a_registration_by_signature_says_what_to_sign_and_each_has_its_own(portal: Portal) -> None:
    first, second = (register_business(portal).get_json() for _ in range(2))
    assert first["state"] == "awaiting-signature"
    assert "resend_after" not in first
    assert b64decode(first["challenge"]).startswith(b"motcua registration ")
    assert first["challenge"] != second["challenge"]
    shown = portal.get(f"/registrations/{first['id']}").get_json()
    assert shown == first


def test_a_business_gets_an_account_of_high_assurance_and_logs_in_with_its_tax_code(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    made = business_account(portal, identity)
    assert (made["login"], made["assurance"]) == (SONG_HONG, "high")
    tokens = portal.session(f"{SONG_HONG[:4]} {SONG_HONG[4:]}")
    said = claims(tokens["access_token"])
    assert (said["kind"], said["acr"]) == ("business", "medium"), "a password is worth no signature"
    shown = portal.get("/account", identity.as_business(UUID(said["sub"]))).get_json()
    assert (shown["full_name"], shown["login"]) == ("Công ty TNHH Sông Hồng", SONG_HONG)
    assert shown["organisation"] == {
        "tax_code": SONG_HONG,
        "name": "Công ty TNHH Sông Hồng",
        "address": "12 Hàng Bài, phường Cửa Nam, Hà Nội",
        "representative": "Nguyễn Văn An",
    }
    assert [(proof["method"], proof["assurance"]) for proof in shown["proofs"]] == [("usb-token", "high")]


def test_a_business_is_announced_by_its_own_name_and_number(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    business_account(portal, identity)
    (event,) = identity.announced(AccountRegistered)
    assert (event.kind, event.assurance) == ("business", "high")
    contact = json.loads(identity.unsealed(event.contact, "notify"))
    assert contact == {"phone": "0912000017", "email": "songhong@example.test"}
    assert json.loads(identity.unsealed(event.profile, "dossier")) == {
        "full_name": "Công ty TNHH Sông Hồng",
        "id_number": SONG_HONG,
        "address": "12 Hàng Bài, phường Cửa Nam, Hà Nội",
        "phone": "0912000017",
        "representative": {"full_name": "Nguyễn Văn An", "id_number": AN, "date_of_birth": "1999-02-03"},
    }


def test_a_branch_logs_in_with_its_tax_code_with_and_without_the_dash(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    made = business_account(portal, identity, tax_code="0101010011-001")
    assert made["login"] == "0101010011-001"
    assert portal.log_in("0101010011-001").status_code == 202
    portal.wait(minutes=2)
    assert portal.log_in("0101010011001").status_code == 202
    refused(portal.log_in(SONG_HONG), 401, "login-failed")


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"tax_code": "0101010012"}, "/business/tax_code", "tax-code-check-digit"),
        ({"tax_code": "01010"}, "/business/tax_code", "tax-code-format"),
        ({"tax_code": AN}, "/business/tax_code", "tax-code-personal"),
        ({"name": ""}, "/business/name", "required"),
        ({"name": "2026"}, "/business/name", "business-name"),
        ({"name": "Công ty \u202e đảo"}, "/business/name", "business-name"),
        ({"email": None}, "/business/email", "required"),
        ({"phone": "0112000017"}, "/business/phone", "phone-prefix"),
        (
            {"representative": {"full_name": "Nguyễn Văn An"}},
            "/business/representative/id_number",
            "required",
        ),
        (
            {"representative": person() | {"date_of_birth": "1998-02-03"}},
            "/business/representative/id_number",
            "id-number-year",
        ),
    ],
)
def test_a_wrong_field_of_a_business_is_named(
    portal: Portal, change: dict[str, Any], pointer: str, code: str
) -> None:
    for name in ("phone", "email"):
        change.get("representative", {}).pop(name, None)
    problem = refused(register_business(portal, **change), 422, "invalid", pointer)
    assert code in [fault["code"] for fault in problem["errors"] if fault["pointer"] == pointer]


def test_a_business_without_its_form_is_refused(portal: Portal) -> None:
    refused(portal.register(kind="business", method="usb-token"), 422, "invalid", "/business")


def test_a_code_is_asked_for_where_a_code_is_waited_for(portal: Portal) -> None:
    answer = portal.post(f"/registrations/{portal.started()}/confirmation", {"signature": "MII="})
    refused(answer, 409, "awaiting-code")


def test_no_code_confirms_a_registration_that_waits_for_a_signature(portal: Portal) -> None:
    id = register_business(portal).get_json()["id"]
    refused(portal.confirm(id, "123456"), 409, "awaiting-signature")
    refused(portal.post(f"/registrations/{id}/code"), 409, "awaiting-signature")
    refused(portal.post(f"/registrations/{id}/account", {"password": PASSWORD}), 409, "not-confirmed")


@pytest.mark.parametrize("body", [{}, {"code": "123456", "signature": "MII="}])
def test_a_confirmation_is_either_a_code_or_a_signature(portal: Portal, body: dict[str, str]) -> None:
    refused(portal.post(f"/registrations/{portal.started()}/confirmation", body), 422, "invalid", "/code")


def test_an_account_keeps_what_proved_it_and_is_worth_the_strongest(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    id = UUID(portal.account()["account_id"])
    with identity.units() as uow:
        account = uow.session.get_one(Account, id)
        assert [(proof.method, proof.assurance) for proof in queries.proofs_of(uow, id)] == [
            ("phone", "medium")
        ]
        proofs.record(uow, account, METHODS["usb-token"])
        proofs.record(uow, account, METHODS["phone"])
    with identity.units() as uow:
        assert uow.session.get_one(Account, id).assurance == "high"
        assert len(queries.proofs_of(uow, id)) == 3


def test_how_far_a_registration_is_can_be_asked_and_says_nothing_personal(portal: Portal) -> None:
    id = portal.started()
    answer = portal.get(f"/registrations/{id}")
    assert answer.get_json()["state"] == "awaiting-code"
    assert set(answer.get_json()) == {"id", "state", "expires_at", "resend_after"}
    assert answer.headers["Cache-Control"] == "no-store"
    portal.confirm(id, portal.code())
    assert portal.get(f"/registrations/{id}").get_json()["state"] == "confirmed"
    nobody = "00000000-0000-4000-8000-000000000000"
    refused(portal.get(f"/registrations/{nobody}"), 404, "registration-not-found")


def test_a_registration_moves_only_as_the_table_says(identity: ServiceUnderTest) -> None:
    now = identity.clock.now
    for state in get_args(State):
        for event in get_args(Event):
            one = Registration(UUID(int=1), "citizen", "phone", b"", b"", "vi", now, now, state)
            if (state, event) not in TRANSITIONS:
                with pytest.raises(KeyError):
                    one.move(event)
