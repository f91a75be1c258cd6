"""From medium to high without a new account, for this session."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from contracts.identity import AccountChanged
from services.identity.model.rules import Rules
from tests.identity.portal import AN, NGOC, Portal, claims, person, refused
from tests.identity.signing import signed, type_pin

STEP_UP = "/sessions/current/step-up"


@pytest.fixture
def roots(authority_folder: Path) -> Path:
    return authority_folder


class Signer:
    """Somebody logged in, on one device."""

    def __init__(self, portal: Portal, who: str = AN) -> None:
        self.portal = portal
        self.tokens = portal.session(who)

    @property
    def header(self) -> dict[str, str]:
        """What the token says, signed with the key that the service under test knows."""
        said = claims(self.tokens["access_token"])
        return self.portal.sut.headers(said["kind"], UUID(said["sub"]), sid=said["sid"], acr=said["acr"])

    def begin(self, method: str = "usb-token") -> TestResponse:
        return self.portal.post(STEP_UP, {"method": method}, self.header)

    def begun(self, method: str = "usb-token") -> dict[str, Any]:
        answer = self.begin(method)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found

    def confirm(self, id: str, signature: str) -> TestResponse:
        return self.portal.post(f"{STEP_UP}/{id}/confirmation", {"signature": signature}, self.header)

    def look(self, id: str) -> TestResponse:
        return self.portal.get(f"{STEP_UP}/{id}", self.header)

    @property
    def acr(self) -> str:
        """Of an access token got now."""
        self.tokens = self.portal.refresh(self.tokens["refresh_token"]).get_json()
        return str(claims(self.tokens["access_token"])["acr"])

    @property
    def account(self) -> dict[str, Any]:
        found: dict[str, Any] = self.portal.get("/account", self.header).get_json()
        return found


@pytest.fixture
def an(portal: Portal) -> Signer:
    portal.account()
    return Signer(portal)


def test_signing_with_ones_own_certificate_makes_this_session_high_and_keeps_the_proof(
    an: Signer, register_url: str
) -> None:
    assert an.acr == "medium"
    begun = an.begun()
    assert begun["state"] == "awaiting-signature"
    answer = an.confirm(begun["id"], signed(register_url, begun["challenge"], "usb-an"))
    assert (answer.status_code, answer.get_json()["state"]) == (200, "confirmed")
    assert an.acr == "high"
    assert [(proof["method"], proof["assurance"]) for proof in an.account["proofs"]] == [
        ("phone", "medium"),
        ("usb-token", "high"),
    ]


def test_another_session_of_the_same_account_stays_medium(an: Signer, register_url: str) -> None:
    an.portal.wait(minutes=2)
    other = Signer(an.portal)
    begun = an.begun()
    an.confirm(begun["id"], signed(register_url, begun["challenge"], "usb-an"))
    assert (an.acr, other.acr) == ("high", "medium")
    an.portal.wait(minutes=2)
    assert Signer(an.portal).acr == "medium"


def test_who_hears_of_accounts_learns_once_that_this_one_is_high(
    an: Signer, register_url: str, identity: ServiceUnderTest
) -> None:
    for _ in range(2):
        begun = an.begun()
        an.confirm(begun["id"], signed(register_url, begun["challenge"], "usb-an"))
    assert [event.assurance for event in identity.announced(AccountChanged)] == ["high"]


@pytest.mark.parametrize(
    ("card", "code"), [("usb-khoi", "certificate-of-another"), ("usb-revoked", "certificate-revoked")]
)
def test_another_persons_or_a_revoked_card_changes_nothing(
    an: Signer, register_url: str, card: str, code: str
) -> None:
    begun = an.begun()
    refused(an.confirm(begun["id"], signed(register_url, begun["challenge"], card)), 422, code, "/signature")
    assert (an.acr, an.account["assurance"]) == ("medium", "medium")


def test_a_challenge_counts_once_and_not_for_long(an: Signer, register_url: str, rules: Rules) -> None:
    first, second = an.begun(), an.begun()
    signature = signed(register_url, first["challenge"], "usb-an")
    refused(an.confirm(second["id"], signature), 422, "signature-wrong", "/signature")
    assert an.confirm(first["id"], signature).status_code == 200
    refused(an.confirm(first["id"], signature), 409, "already-confirmed")
    an.portal.wait(seconds=rules.login_lifetime.total_seconds())
    an.tokens = an.portal.refresh(an.tokens["refresh_token"]).get_json()
    late = signed(register_url, second["challenge"], "usb-an")
    refused(an.confirm(second["id"], late), 404, "step-up-not-found")


def test_a_signature_for_a_registration_raises_no_session(an: Signer, register_url: str) -> None:
    body = {"kind": "citizen", "method": "usb-token", "captcha": an.portal.captcha(), "person": person()}
    registration = an.portal.post("/registrations", body).get_json()
    signature = signed(register_url, registration["challenge"], "usb-an")
    refused(an.confirm(an.begun()["id"], signature), 422, "signature-wrong", "/signature")


def test_nobody_sees_or_confirms_the_step_up_of_another_session(an: Signer, register_url: str) -> None:
    begun = an.begun()
    an.portal.account(person(NGOC))
    an.portal.wait(minutes=2)
    for stranger in (Signer(an.portal, NGOC), Signer(an.portal)):
        refused(stranger.look(begun["id"]), 404, "step-up-not-found")
        signature = signed(register_url, begun["challenge"], "usb-an")
        refused(stranger.confirm(begun["id"], signature), 404, "step-up-not-found")


def test_a_session_that_ended_is_not_raised(an: Signer, register_url: str) -> None:
    begun = an.begun()
    with an.portal.sut.app.test_client() as browser:
        assert browser.delete("/api/v1/sessions/current", headers=an.header).status_code == 204
    signature = signed(register_url, begun["challenge"], "usb-an")
    refused(an.confirm(begun["id"], signature), 401, "session-ended")
    refused(an.begin(), 401, "session-ended")


@pytest.mark.parametrize("method", ["phone", "social-insurance"])
def test_only_a_signature_raises(an: Signer, method: str) -> None:
    answer = an.begin(method)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/method"


def test_a_sim_raises_a_session_too(portal: Portal, register_url: str) -> None:
    portal.account(person(NGOC))
    ngoc = Signer(portal, NGOC)
    begun = ngoc.begun("sim-pki")
    assert len(begun["phone_code"]) == 4
    type_pin(register_url)
    portal.wait(seconds=1.5)
    assert ngoc.look(begun["id"]).get_json()["state"] == "confirmed"
    assert ngoc.acr == "high"


def test_strangers_who_register_do_not_use_up_the_ringings_of_a_step_up(
    portal: Portal, register_url: str, rules: Rules
) -> None:
    portal.account(person(NGOC))
    for _ in range(rules.codes_per_day):
        body = {"kind": "citizen", "method": "sim-pki", "captcha": portal.captcha(), "person": person(NGOC)}
        assert portal.post("/registrations", body).status_code == 201
    assert Signer(portal, NGOC).begin("sim-pki").status_code == 201


def test_a_stranger_is_told_to_log_in(portal: Portal) -> None:
    refused(portal.post(STEP_UP, {"method": "usb-token"}), 401, "not-authenticated")
