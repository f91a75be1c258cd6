"""A forgotten password: who one is, a code to the phone, a new password."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from contracts.identity import AccountNotice
from sandbox import people
from services.identity.model.rules import Rules
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, refused

NEW = "một mật khẩu mới"
STRANGER = "001099999999"


@pytest.fixture
def an(portal: Portal) -> Portal:
    """Mr An has an account."""
    portal.account()
    portal.wait(minutes=1)
    return portal


def ask(portal: Portal, who: str = AN, **changes: Any) -> TestResponse:
    known = people.named()[AN]
    body = {
        "login": who,
        "full_name": known.full_name,
        "date_of_birth": known.date_of_birth.isoformat(),
        "captcha": portal.captcha(),
    }
    answer = portal.post("/password-resets", body | changes)
    portal.sut.tick("answer-resets")
    return answer


def confirm(portal: Portal, id: str, code: str) -> TestResponse:
    return portal.post(f"/password-resets/{id}/confirmation", {"code": code})


def set_password(portal: Portal, id: str, password: str = NEW) -> TestResponse:
    return portal.post(f"/password-resets/{id}/password", {"password": password})


def test_the_code_from_the_phone_opens_the_way_to_a_new_password(an: Portal) -> None:
    tokens = an.session()
    an.wait(minutes=1)
    id = ask(an).get_json()["id"]
    sent = an.requested()[-1]
    assert (sent.act, an.sut.unsealed(sent.phone, "notify")) == ("password-reset", people.named()[AN].phone)
    assert confirm(an, id, an.code()).status_code == 200
    assert set_password(an, id).status_code == 204
    refused(an.refresh(tokens["refresh_token"]), 401, "session-ended")
    assert an.log_in(device=tokens["device"]).status_code == 401
    assert an.log_in(password=NEW, device=tokens["device"]).status_code == 202, "no device is known any more"
    assert an.sut.announced(AccountNotice)[-1].notice == "password-reset"
    refused(set_password(an, id, PASSWORD), 404, "reset-not-found")


@pytest.mark.parametrize(
    "wrong",
    [
        {"who": STRANGER},
        {"full_name": "Trần Văn Khác"},
        {"date_of_birth": "1990-01-01"},
        {"full_name": "TRẦN VĂN KHÁC", "date_of_birth": "1990-01-01"},
    ],
)
def test_who_is_wrong_gets_the_same_answers_and_no_code(an: Portal, wrong: dict[str, Any]) -> None:
    right = ask(an)
    sent = len(an.requested())
    answer = ask(an, **wrong)
    assert (answer.status_code, len(an.requested())) == (right.status_code, sent)
    strip = {"id": "", "expires_at": ""}
    assert answer.get_json() | strip == right.get_json() | strip
    good, bad = right.get_json()["id"], answer.get_json()["id"]
    for _ in range(5):
        one, other = confirm(an, good, an.wrong_code()), confirm(an, bad, an.wrong_code())
        same = {"request_id": "", "instance": ""}
        assert one.status_code == other.status_code == 422
        assert one.get_json() | same == other.get_json() | same
    refused(confirm(an, bad, an.wrong_code()), 429, "code-tries")


def test_the_name_may_be_typed_in_capitals(an: Portal) -> None:
    ask(an, full_name=people.named()[AN].full_name.upper())
    assert an.requested()[-1].act == "password-reset"


def test_the_request_itself_does_not_look_for_the_account(an: Portal) -> None:
    """So that it takes the same time whether there is one."""
    known = people.named()[AN]
    body = {"login": AN, "full_name": known.full_name, "date_of_birth": known.date_of_birth.isoformat()}
    sent = len(an.requested())
    assert an.post("/password-resets", body | {"captcha": an.captcha()}).status_code == 202
    assert len(an.requested()) == sent
    assert an.sut.tick("answer-resets") == 1
    assert an.sut.tick("answer-resets") == 0
    assert len(an.requested()) == sent + 1


def test_a_new_password_needs_the_code_first(an: Portal) -> None:
    id = ask(an).get_json()["id"]
    refused(set_password(an, id), 409, "not-confirmed")
    assert an.log_in().status_code == 202


def test_a_weak_password_is_refused_and_another_may_be_chosen(an: Portal) -> None:
    id = ask(an).get_json()["id"]
    confirm(an, id, an.code())
    refused(set_password(an, id, AN + "abc"), 422, "password-has-login", "/password")
    assert set_password(an, id).status_code == 204


def test_a_reset_expires(an: Portal, rules: Rules) -> None:
    id = ask(an).get_json()["id"]
    an.wait(seconds=rules.reset_lifetime.total_seconds())
    refused(confirm(an, id, an.code()), 404, "reset-not-found")


def test_no_more_than_a_days_codes_go_to_one_phone_and_nobody_is_told_so(an: Portal) -> None:
    sent = len(an.requested())
    for _ in range(8):
        assert ask(an).status_code == 202
        an.wait(minutes=1)
    assert len(an.requested()) == sent + 5
    assert an.log_in().status_code == 202, "the codes to log in with count apart"


def test_a_new_password_ends_the_pause_that_strangers_brought_about(
    an: Portal, identity: ServiceUnderTest, rules: Rules
) -> None:
    from tests.identity.test_lock_out import guesses, log_in

    for number in range(60):
        guesses(identity, rules, f"198.51.100.{number}", 1)
    refused(log_in(an, "192.0.2.1"), 429, "login-paused")
    id = ask(an).get_json()["id"]
    confirm(an, id, an.code())
    set_password(an, id)
    assert log_in(an, "192.0.2.1", NEW).status_code == 202


def test_the_codes_of_one_reset_are_worth_nothing_for_another(an: Portal) -> None:
    first = ask(an).get_json()["id"]
    code = an.code()
    stranger = ask(an, NGOC).get_json()["id"]
    refused(confirm(an, stranger, code), 422, "code-wrong", "/code")
    assert confirm(an, first, code).status_code == 200


def test_nothing_personal_of_a_reset_lies_readable_in_the_database(an: Portal) -> None:
    ask(an, full_name="Trần Văn Khác Thường")
    stored = an.sut.everything_stored()
    for canary in ("Khác Thường", AN, people.named()[AN].date_of_birth.isoformat(), an.code()):
        assert canary not in stored
