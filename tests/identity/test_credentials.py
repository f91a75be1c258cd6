"""Password, e-mail and phone of one's own account."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from contracts.identity import AccountChanged, AccountNotice
from sandbox import people
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused
from tests.identity.test_sessions import session_headers

NEW = "một mật khẩu mới"
Tokens = dict[str, Any]


@pytest.fixture
def tokens(portal: Portal) -> Tokens:
    """Mr An is logged in."""
    portal.account()
    return portal.session()


def call(portal: Portal, tokens: Tokens, method: str, path: str, body: Any = None) -> TestResponse:
    headers = session_headers(portal.sut, tokens)
    return portal.sut.app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)


def notices(portal: Portal) -> list[AccountNotice]:
    return portal.sut.announced(AccountNotice)


def reached(portal: Portal, event: AccountNotice | AccountChanged) -> dict[str, str]:
    found: dict[str, str] = json.loads(portal.sut.unsealed(event.contact, "notify"))
    return found


def spare_phone(who: str = AN) -> str:
    """A second SIM in the person's own name."""
    return people.named()[who].spare_phone


def test_a_new_password_works_and_the_old_one_does_not(portal: Portal, tokens: Tokens) -> None:
    body = {"current_password": PASSWORD, "password": NEW}
    assert call(portal, tokens, "PUT", "/account/password", body).status_code == 204
    assert portal.log_in(device=tokens["device"]).status_code == 401
    assert portal.log_in(password=NEW, device=tokens["device"]).status_code == 201
    assert notices(portal)[-1].notice == "password-changed"


def test_a_new_password_ends_the_other_sessions_and_not_this_one(portal: Portal, tokens: Tokens) -> None:
    other = portal.log_in(device=tokens["device"]).get_json()
    call(portal, tokens, "PUT", "/account/password", {"current_password": PASSWORD, "password": NEW})
    refused(portal.refresh(other["refresh_token"]), 401, "session-ended")
    assert portal.refresh(tokens["refresh_token"]).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/account/password", {"password": NEW}),
        ("PUT", "/account/email", {"email": "an@example.test"}),
        ("POST", "/account/phone", {"phone": "0912000029"}),
    ],
)
def test_nothing_changes_without_the_password_again_and_guessing_it_is_paused(
    portal: Portal, tokens: Tokens, method: str, path: str, body: dict[str, str]
) -> None:
    before = len(notices(portal))
    for _ in range(5):
        answer = call(portal, tokens, method, path, body | {"current_password": "đoán mò thôi"})
        refused(answer, 422, "password-wrong", "/current_password")
    answer = call(portal, tokens, method, path, body | {"current_password": PASSWORD})
    refused(answer, 429, "login-paused")
    assert len(notices(portal)) == before
    assert portal.log_in(device=tokens["device"]).status_code == 201, "logging in is not paused by it"


def test_a_weak_new_password_is_refused(portal: Portal, tokens: Tokens) -> None:
    body = {"current_password": PASSWORD, "password": "12345678"}
    refused(call(portal, tokens, "PUT", "/account/password", body), 422, "password-common", "/password")


def test_a_changed_email_is_told_to_the_old_one_and_to_subscribers(portal: Portal, tokens: Tokens) -> None:
    old = people.named()[AN].email
    body = {"current_password": PASSWORD, "email": "moi@example.test"}
    assert call(portal, tokens, "PUT", "/account/email", body).status_code == 204
    assert (notices(portal)[-1].notice, reached(portal, notices(portal)[-1]).get("email")) == (
        "email-changed",
        old,
    )
    (changed,) = portal.sut.announced(AccountChanged)
    assert reached(portal, changed)["email"] == "moi@example.test"
    shown = call(portal, tokens, "GET", "/account").get_json()
    assert shown["email"] == "moi@example.test"


def test_an_email_can_be_taken_away_and_the_same_again_tells_nobody(portal: Portal, tokens: Tokens) -> None:
    body = {"current_password": PASSWORD, "email": None}
    assert call(portal, tokens, "PUT", "/account/email", body).status_code == 204
    told = len(notices(portal))
    assert call(portal, tokens, "PUT", "/account/email", body).status_code == 204
    assert len(notices(portal)) == told


def test_a_new_phone_in_ones_own_name_is_taken_after_its_code_and_the_old_one_is_told(
    portal: Portal, tokens: Tokens
) -> None:
    old, new = people.named()[AN].phone, spare_phone()
    portal.wait(minutes=1)
    started = call(portal, tokens, "POST", "/account/phone", {"current_password": PASSWORD, "phone": new})
    assert (started.status_code, started.get_json()["resend_after"]) == (202, 60)
    sent = portal.requested()[-1]
    assert (portal.sut.unsealed(sent.phone, "notify"), sent.act) == (new, "phone-change")
    path = f"/account/phone/{started.get_json()['id']}/confirmation"
    refused(call(portal, tokens, "POST", path, {"code": portal.wrong_code()}), 422, "code-wrong", "/code")
    assert call(portal, tokens, "POST", path, {"code": portal.code()}).status_code == 204
    told, (changed,) = notices(portal)[-1], portal.sut.announced(AccountChanged)
    assert (told.notice, reached(portal, told)["phone"]) == ("phone-changed", old)
    assert reached(portal, changed)["phone"] == new
    assert json.loads(portal.sut.unsealed(changed.profile, "dossier"))["phone"] == new
    refused(call(portal, tokens, "POST", path, {"code": portal.code()}), 404, "change-not-found")
    portal.log_in()
    assert portal.sut.unsealed(portal.requested()[-1].phone, "notify") == new


def test_a_phone_in_the_name_of_another_is_refused(portal: Portal, tokens: Tokens) -> None:
    body = {"current_password": PASSWORD, "phone": people.named()[NGOC].phone}
    refused(call(portal, tokens, "POST", "/account/phone", body), 422, "register-mismatch")
    body["phone"] = people.named()[AN].phone
    refused(call(portal, tokens, "POST", "/account/phone", body), 422, "phone-is-the-same", "/phone")


def test_nobody_confirms_the_change_of_another(portal: Portal, tokens: Tokens) -> None:
    started = call(
        portal, tokens, "POST", "/account/phone", {"current_password": PASSWORD, "phone": spare_phone()}
    ).get_json()
    code = portal.code()
    portal.account(person(NGOC))
    ngoc = portal.session(NGOC)
    path = f"/account/phone/{started['id']}/confirmation"
    refused(call(portal, ngoc, "POST", path, {"code": code}), 404, "change-not-found")


def test_a_change_of_phone_expires(portal: Portal, tokens: Tokens) -> None:
    body = {"current_password": PASSWORD, "phone": spare_phone()}
    started = call(portal, tokens, "POST", "/account/phone", body).get_json()
    portal.wait(minutes=1)
    again = call(portal, tokens, "POST", f"/account/phone/{started['id']}/code")
    assert again.status_code == 202
    portal.wait(minutes=15)
    path = f"/account/phone/{started['id']}/confirmation"
    refused(call(portal, tokens, "POST", path, {"code": portal.code()}), 404, "change-not-found")


def test_nothing_personal_of_a_change_lies_readable_in_the_database(
    portal: Portal, tokens: Tokens, identity: ServiceUnderTest
) -> None:
    body = {"current_password": PASSWORD, "phone": spare_phone()}
    call(portal, tokens, "POST", "/account/phone", body)
    call(portal, tokens, "PUT", "/account/email", {"current_password": PASSWORD, "email": "moi@example.test"})
    stored = identity.everything_stored()
    for canary in (spare_phone(), "moi@example.test", portal.code()):
        assert canary not in stored
