"""Registering by a USB token or a signing SIM."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.http import Away
from chassis.testing import ServiceUnderTest
from contracts.identity import AccountRegistered
from sandbox.faults import Faults
from services.identity.adapters.mobile_signatures import mobile_signatures
from services.identity.model.rules import Rules
from services.identity.tables import evidence, mobile_requests, registrations
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused
from tests.identity.signing import GAO, SONG_HONG, account, confirm, register, signed, type_pin


@pytest.fixture
def roots(authority_folder: Path) -> Path:
    return authority_folder


def begun(portal: Portal, method: str = "usb-token", who: str = AN) -> dict[str, Any]:
    answer = register(portal, method, who)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def looked(portal: Portal, id: str) -> dict[str, Any]:
    portal.wait(seconds=1.5)
    found: dict[str, Any] = portal.get(f"/registrations/{id}").get_json()
    return found


@pytest.mark.parametrize(("who", "card"), [(AN, "usb-an"), (SONG_HONG, "usb-songhong")])
def test_whose_token_signs_the_challenge_gets_an_account_of_high_assurance(
    portal: Portal, register_url: str, identity: ServiceUnderTest, who: str, card: str
) -> None:
    started = begun(portal, who=who)
    assert started["state"] == "awaiting-signature"
    assert len(b64decode(started["challenge"])) >= 32
    answer = confirm(portal, started["id"], signed(register_url, started["challenge"], card))
    assert answer.get_json() == {"id": started["id"], "state": "confirmed"}
    assert account(portal, started["id"]) | {"account_id": "?"} == {
        "account_id": "?",
        "login": who,
        "assurance": "high",
    }
    (event,) = identity.announced(AccountRegistered)
    assert (event.kind, event.assurance) == ("business" if who == SONG_HONG else "citizen", "high")


def test_every_challenge_is_another(portal: Portal) -> None:
    assert begun(portal)["challenge"] != begun(portal)["challenge"]


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("usb-khoi", "certificate-of-another"),
        ("usb-songhong", "certificate-of-another"),
        ("usb-revoked", "certificate-revoked"),
        ("usb-listed", "certificate-revoked"),
        ("usb-expired", "certificate-expired"),
        ("usb-foreign", "certificate-untrusted"),
        ("usb-encrypting", "certificate-usage"),
    ],
)
def test_a_card_that_is_no_proof_is_refused_and_a_good_one_may_follow(
    portal: Portal, register_url: str, card: str, code: str
) -> None:
    started = begun(portal)
    bad = confirm(portal, started["id"], signed(register_url, started["challenge"], card))
    refused(bad, 422, code, "/signature")
    good = confirm(portal, started["id"], signed(register_url, started["challenge"], "usb-an"))
    assert good.status_code == 200


def test_a_person_of_a_business_cannot_register_it_with_their_own_card(
    portal: Portal, register_url: str
) -> None:
    started = begun(portal, who=SONG_HONG)
    answer = confirm(portal, started["id"], signed(register_url, started["challenge"], "usb-an"))
    refused(answer, 422, "certificate-of-another", "/signature")


def test_an_authority_that_cannot_be_asked_is_named_and_nobody_passes(
    portal: Portal, register_url: str
) -> None:
    started = begun(portal)
    answer = confirm(portal, started["id"], signed(register_url, started["challenge"], "usb-mute"))
    problem = refused(answer, 503, "revocation-unknown")
    assert "Một cửa sandbox CA" in problem["detail"]
    assert int(answer.headers["Retry-After"]) > 0


def test_a_signature_counts_once(portal: Portal, register_url: str) -> None:
    started = begun(portal)
    signature = signed(register_url, started["challenge"], "usb-an")
    assert confirm(portal, started["id"], signature).status_code == 200
    refused(confirm(portal, started["id"], signature), 409, "already-confirmed")
    other = begun(portal)
    refused(confirm(portal, other["id"], signature), 422, "signature-wrong", "/signature")


def test_a_challenge_expires_with_its_registration(portal: Portal, register_url: str, rules: Rules) -> None:
    started = begun(portal)
    signature = signed(register_url, started["challenge"], "usb-an")
    portal.wait(seconds=rules.registration_lifetime.total_seconds())
    refused(confirm(portal, started["id"], signature), 404, "registration-not-found")


@pytest.mark.parametrize("signature", ["", "§", "YQ", "A" * 100_001, "YWJj"])
def test_what_is_no_signature_is_refused_at_its_field(portal: Portal, signature: str) -> None:
    answer = confirm(portal, begun(portal)["id"], signature)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/signature"


def test_a_code_confirms_no_registration_that_waits_for_a_signature_nor_the_other_way(
    portal: Portal, register_url: str
) -> None:
    started = begun(portal)
    refused(portal.confirm(started["id"], "123456"), 409, "awaiting-signature")
    other = portal.started(person(NGOC))
    signature = signed(register_url, started["challenge"], "usb-an")
    refused(confirm(portal, other, signature), 409, "awaiting-code")


def test_who_has_an_account_learns_so_only_by_signing(portal: Portal, register_url: str) -> None:
    portal.account()
    started = begun(portal)
    answer = confirm(portal, started["id"], signed(register_url, started["challenge"], "usb-an"))
    refused(answer, 409, "already-registered")


def test_the_proof_is_kept_unreadable_without_the_accounts_key_and_nowhere_else(
    portal: Portal, register_url: str, identity: ServiceUnderTest
) -> None:
    started = begun(portal)
    signature = signed(register_url, started["challenge"], "usb-an")
    confirm(portal, started["id"], signature)
    made = account(portal, started["id"])
    with identity.units() as uow:
        (box,) = uow.session.execute(select(evidence.c.box)).scalars()
        assert AN.encode() not in box
        kept = json.loads(uow.reveal(UUID(made["account_id"]), box))
        assert uow.session.execute(select(registrations.c.evidence)).scalars().all() == [None]
    assert (kept["signature"], kept["challenge"]) == (signature, started["challenge"])
    assert kept["chain"] == ["Một cửa sandbox CA", "Một cửa sandbox Root CA"]


@pytest.mark.parametrize("who", [NGOC, GAO])
def test_whose_sim_signs_after_the_pin_gets_an_account_of_high_assurance(
    portal: Portal, register_url: str, who: str
) -> None:
    started = begun(portal, "sim-pki", who)
    assert (started["state"], len(started["phone_code"])) == ("awaiting-signature", 4)
    assert looked(portal, started["id"])["state"] == "awaiting-signature"
    type_pin(register_url)
    assert looked(portal, started["id"]) | {"expires_at": ""} == {
        "id": started["id"],
        "state": "confirmed",
        "expires_at": "",
    }
    assert account(portal, started["id"])["assurance"] == "high"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("refuses", "signing-refused"),
        ("wrong-pin", "signing-wrong-pin"),
        ("another-key", "certificate-of-another"),
    ],
)
def test_a_phone_that_does_not_sign_well_says_why_and_may_be_asked_again(
    portal: Portal, register_url: str, faults: Faults, how: str, code: str
) -> None:
    faults.mobile = how
    id = begun(portal, "sim-pki", NGOC)["id"]
    found = looked(portal, id)
    assert (found["state"], found["failure"]["code"]) == ("awaiting-signature", code)
    faults.mobile = "signs"
    portal.wait(seconds=2)
    assert portal.post(f"/registrations/{id}/signature-request").status_code == 202
    assert looked(portal, id)["state"] == "confirmed"


def test_a_phone_that_never_answers_goes_on_waiting_and_does_not_ring_twice(
    portal: Portal, register_url: str, identity: ServiceUnderTest
) -> None:
    id = begun(portal, "sim-pki", NGOC)["id"]
    for _ in range(3):
        assert "failure" not in looked(portal, id)
    refused(portal.post(f"/registrations/{id}/signature-request"), 409, "signing-waits")
    with identity.units() as uow:
        assert len(uow.session.execute(select(mobile_requests)).all()) == 1


def test_a_phone_without_such_a_certificate_says_so(portal: Portal) -> None:
    assert looked(portal, begun(portal, "sim-pki", AN)["id"])["failure"]["code"] == "signing-no-certificate"


@pytest.mark.parametrize(("fault", "value"), [("down", True), ("failing", 1.0), ("delay", 2.3)])
def test_a_service_that_is_away_or_slow_is_asked_again_by_whoever_looks(
    portal: Portal, register_url: str, faults: Faults, fault: str, value: Any
) -> None:
    setattr(faults, fault, value)
    started = begun(portal, "sim-pki", NGOC)
    assert (started["state"], "failure" in started) == ("awaiting-signature", False)
    setattr(faults, fault, type(value)())
    looked(portal, started["id"])
    type_pin(register_url)
    assert looked(portal, started["id"])["state"] == "confirmed"


def test_an_answer_that_was_lost_rings_the_phone_once(
    portal: Portal, register_url: str, faults: Faults
) -> None:
    faults.lost_answers = 1.0
    id = begun(portal, "sim-pki", NGOC)["id"]
    faults.lost_answers = 0.0
    looked(portal, id)
    type_pin(register_url)
    assert looked(portal, id)["state"] == "confirmed"


def test_pages_that_look_at_the_same_moment_ask_the_service_once(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    id = begun(portal, "sim-pki", NGOC)["id"]
    with identity.units() as uow:
        (before,) = uow.session.execute(select(mobile_requests.c.asked_at)).scalars()
    portal.get(f"/registrations/{id}")
    with identity.units() as uow:
        assert uow.session.execute(select(mobile_requests.c.asked_at)).scalars().all() == [before]


def test_a_phone_is_not_rung_more_often_than_codes_are_sent(portal: Portal, rules: Rules) -> None:
    for _ in range(rules.codes_per_day):
        begun(portal, "sim-pki", NGOC)
    answer = register(portal, "sim-pki", NGOC)
    refused(answer, 429, "signing-limit")
    assert int(answer.headers["Retry-After"]) > 3600


def test_what_is_signed_by_token_rings_no_phone(portal: Portal) -> None:
    refused(portal.post(f"/registrations/{begun(portal)['id']}/signature-request"), 409, "no-phone-signs")


def test_an_installation_without_a_service_has_nobody_to_ask() -> None:
    with pytest.raises(Away):
        mobile_signatures("").hear("x")


def test_a_business_logs_in_by_its_tax_code(portal: Portal, register_url: str) -> None:
    started = begun(portal, who=SONG_HONG)
    confirm(portal, started["id"], signed(register_url, started["challenge"], "usb-songhong"))
    account(portal, started["id"])
    assert portal.session(SONG_HONG, PASSWORD)["access_token"]
