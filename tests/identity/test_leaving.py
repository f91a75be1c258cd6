"""Taking one's data along, and closing the account."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from chassis.tables import data_keys
from chassis.testing import ServiceUnderTest
from contracts.identity import AccountClosed, AccountNotice, AccountSnapshot
from sandbox import people
from services.identity.commands import snapshots
from services.identity.tables import accounts, devices, sessions
from tests.identity.portal import AN, PASSWORD, Portal, refused
from tests.identity.test_sessions import session_headers

Tokens = dict[str, Any]
AGAIN = {"current_password": PASSWORD}


@pytest.fixture
def tokens(portal: Portal) -> Tokens:
    """Mr An is logged in."""
    portal.account()
    made = portal.session()
    portal.wait(minutes=1)
    return made


def call(portal: Portal, tokens: Tokens, method: str, path: str, body: Any = None) -> TestResponse:
    headers = session_headers(portal.sut, tokens)
    return portal.sut.app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)


def close(portal: Portal, tokens: Tokens) -> None:
    assert call(portal, tokens, "POST", "/account/closing", AGAIN).status_code == 202
    for _ in range(2):
        portal.wait(hours=36)
        assert portal.sut.tick("go-on-cooling") == 1


def test_the_export_has_everything_that_is_kept_here_and_says_where_the_rest_is(
    portal: Portal, tokens: Tokens
) -> None:
    answer = call(portal, tokens, "POST", "/account/export", AGAIN)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="motcua.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    kept, known = answer.get_json(), people.named()[AN]
    assert (kept["person"]["id_number"], kept["person"]["phone"]) == (AN, known.phone)
    assert kept["person"]["date_of_birth"] == known.date_of_birth.isoformat()
    assert (len(kept["sessions"]), len(kept["devices"]), len(kept["proofs"])) == (1, 1, 1)
    assert {each["service"] for each in kept["elsewhere"]} == {"dossier", "notify", "feedback"}
    assert "argon2" not in answer.text


@pytest.mark.parametrize("path", ["/account/export", "/account/closing"])
def test_a_session_alone_neither_takes_the_data_nor_closes_the_account(
    portal: Portal, tokens: Tokens, path: str
) -> None:
    body = {"current_password": "đoán mò thôi"}
    refused(call(portal, tokens, "POST", path, body), 422, "password-wrong", "/current_password")
    refused(call(portal, tokens, "POST", path, {}), 422, "invalid", "/current_password")


def test_a_closed_account_leaves_nothing_personal_and_no_data_key(portal: Portal, tokens: Tokens) -> None:
    close(portal, tokens)
    refused(portal.refresh(tokens["refresh_token"]), 401, "session-ended")
    refused(portal.log_in(), 401, "login-failed")
    refused(call(portal, tokens, "GET", "/account"), 401, "session-ended")
    refused(call(portal, tokens, "POST", "/account/export", AGAIN), 401, "session-ended")
    with portal.sut.units() as uow:
        (row,) = uow.session.execute(select(accounts))
        assert (row.person, row.password_hash) == (b"", "")
        assert uow.session.execute(select(devices)).all() == []
        assert set(uow.session.scalars(select(sessions.c.browser))) == {None}
        assert uow.session.scalars(select(data_keys.c.person).where(data_keys.c.person == row.id)).all() == []
    (closed,) = portal.sut.announced(AccountClosed)
    assert closed.account == row.id


def test_the_owner_is_told_at_the_start_half_way_and_at_the_end_before_others_forget_them(
    portal: Portal, tokens: Tokens
) -> None:
    close(portal, tokens)
    said = [notice.notice for notice in portal.sut.announced(AccountNotice)][-3:]
    assert said == ["closing-started", "closing-halfway", "account-closed"]
    types = portal.sut.everything_stored()
    assert types.index("account-notice") < types.index("account-closed.v1")


def test_who_changes_their_mind_keeps_the_account(portal: Portal, tokens: Tokens) -> None:
    assert call(portal, tokens, "POST", "/account/closing", AGAIN).status_code == 202
    refused(call(portal, tokens, "POST", "/account/closing", AGAIN), 409, "closing-waiting")
    assert call(portal, tokens, "DELETE", "/account/cooling-offs/closing").status_code == 204
    portal.wait(hours=100)
    assert portal.sut.tick("go-on-cooling") == 0
    assert portal.log_in(device=tokens["device"]).status_code == 201
    assert call(portal, tokens, "POST", "/account/closing", AGAIN).status_code == 202, (
        "and may close it later"
    )


def test_a_person_whose_account_was_closed_may_register_again(portal: Portal, tokens: Tokens) -> None:
    before = portal.sut.announced(AccountClosed)
    close(portal, tokens)
    portal.wait(minutes=1)
    again = portal.account()
    assert before == []
    assert again["account_id"] != str(portal.sut.announced(AccountClosed)[0].account)
    assert portal.session()


def test_a_closed_account_is_in_no_snapshot(
    portal: Portal, tokens: Tokens, identity: ServiceUnderTest
) -> None:
    close(portal, tokens)
    with identity.units() as uow:
        told = [event for _, event in snapshots.some(uow, "", 10) if isinstance(event, AccountSnapshot)]
    assert told == []


def test_nothing_else_that_waits_outlives_the_account(portal: Portal, tokens: Tokens) -> None:
    form = {"id_number": AN, "phone": people.named()[AN].spare_phone}
    known = people.named()[AN]
    form |= {"full_name": known.full_name, "date_of_birth": known.date_of_birth.isoformat()}
    body = {"kind": "citizen", "method": "phone", "person": form, "captcha": portal.captcha()}
    id = portal.post("/recoveries", body).get_json()["id"]
    portal.confirm(id, portal.code())
    assert call(portal, tokens, "POST", "/account/closing", AGAIN).status_code == 202
    portal.wait(minutes=1)
    begun = portal.post(f"/recoveries/{id}/password", {"password": "một mật khẩu mới"})
    assert begun.status_code == 202
    for _ in range(4):
        portal.wait(hours=36)
        portal.sut.tick("go-on-cooling")
    assert portal.sut.tick("go-on-cooling") == 0
    assert portal.sut.announced(AccountNotice)[-1].notice == "account-closed"
