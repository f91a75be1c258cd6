"""A lost phone: proof with a new one, time for the owner to object, and then the account is theirs again."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from contracts.identity import AccountChanged, AccountNotice
from sandbox import people
from services.identity.tables import accounts, coolings
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused
from tests.identity.test_sessions import session_headers

NEW = "một mật khẩu mới"
OLD_PHONE = people.named()[AN].phone
NEW_PHONE = people.named()[AN].spare_phone
Tokens = dict[str, Any]


@pytest.fixture
def tokens(portal: Portal) -> Tokens:
    """Mr An has an account, and is logged in on a computer."""
    portal.account()
    made = portal.session()
    portal.wait(minutes=1)
    return made


def begin(portal: Portal, form: dict[str, Any] | None = None, **changes: Any) -> TestResponse:
    body = {"kind": "citizen", "method": "phone", "person": form or person(phone=NEW_PHONE)}
    return portal.post("/recoveries", body | {"captcha": portal.captcha()} | changes)


def proved(portal: Portal) -> str:
    id = str(begin(portal).get_json()["id"])
    assert portal.confirm(id, portal.code()).status_code == 200
    return id


def set_password(portal: Portal, id: str, password: str = NEW) -> TestResponse:
    return portal.post(f"/recoveries/{id}/password", {"password": password})


def waiting(portal: Portal) -> str:
    """The id of a recovery that waits for its time."""
    id = proved(portal)
    assert set_password(portal, id).status_code == 202
    return id


def notices(portal: Portal) -> list[AccountNotice]:
    return portal.sut.announced(AccountNotice)


def told(portal: Portal, notice: AccountNotice) -> str:
    reached: dict[str, str] = json.loads(portal.sut.unsealed(notice.contact, "notify"))
    return reached["phone"]


def stop_code(portal: Portal) -> str:
    secret = notices(portal)[-1].secret
    assert secret is not None
    return portal.sut.unsealed(secret, "notify")


def go_on(portal: Portal, **duration: float) -> int:
    portal.wait(**duration)
    return portal.sut.tick("go-on-cooling")


def call(portal: Portal, tokens: Tokens, method: str, path: str) -> TestResponse:
    headers = session_headers(portal.sut, tokens)
    return portal.sut.app.test_client().open(f"/api/v1{path}", method=method, headers=headers)


def test_after_three_days_the_new_phone_and_password_open_the_account(portal: Portal, tokens: Tokens) -> None:
    waiting(portal)
    assert portal.log_in(device=tokens["device"]).status_code == 201, "until then nothing changes"
    assert portal.log_in(password=NEW).status_code == 401
    assert go_on(portal, hours=36) == 1
    assert go_on(portal, hours=36) == 1
    refused(portal.refresh(tokens["refresh_token"]), 401, "session-ended")
    assert portal.log_in(device=tokens["device"]).status_code == 401
    assert portal.log_in(password=NEW, device=tokens["device"]).status_code == 202
    assert portal.sut.unsealed(portal.requested()[-1].phone, "notify") == NEW_PHONE
    (changed,) = portal.sut.announced(AccountChanged)
    assert json.loads(portal.sut.unsealed(changed.contact, "notify"))["phone"] == NEW_PHONE


def test_the_old_phone_is_told_at_the_start_half_way_and_at_the_end(portal: Portal, tokens: Tokens) -> None:
    assert tokens
    waiting(portal)
    go_on(portal, hours=36)
    go_on(portal, hours=36)
    said = [notice for notice in notices(portal) if notice.notice.startswith("recovery")]
    assert [notice.notice for notice in said] == ["recovery-started", "recovery-halfway", "recovery-done"]
    assert {told(portal, notice) for notice in said} == {OLD_PHONE}
    assert said[0].details.keys() == {"ends_at"}
    assert said[0].secret
    assert said[1].secret
    assert said[2].secret is None
    assert go_on(portal, hours=100) == 0, "it is done once"


def test_nothing_is_done_before_its_time(portal: Portal, tokens: Tokens) -> None:
    assert tokens
    waiting(portal)
    assert go_on(portal, hours=35, minutes=59) == 0
    assert go_on(portal, minutes=1) == 1
    assert go_on(portal, hours=35, minutes=59) == 0
    assert portal.log_in(password=NEW).status_code == 401


def test_a_late_half_way_notice_leaves_half_of_the_time(portal: Portal, tokens: Tokens) -> None:
    """The worker was down all the while."""
    assert tokens
    waiting(portal)
    assert go_on(portal, hours=100) == 1
    assert notices(portal)[-1].notice == "recovery-halfway"
    assert go_on(portal, hours=35) == 0
    assert go_on(portal, hours=1) == 1
    assert notices(portal)[-1].notice == "recovery-done"


def test_the_owner_stops_it_from_any_session(portal: Portal, tokens: Tokens) -> None:
    waiting(portal)
    (shown,) = call(portal, tokens, "GET", "/account/cooling-offs").get_json()["items"]
    assert shown["purpose"] == "recovery"
    assert call(portal, tokens, "DELETE", "/account/cooling-offs/recovery").status_code == 204
    refused(call(portal, tokens, "DELETE", "/account/cooling-offs/recovery"), 404, "nothing-to-stop")
    assert notices(portal)[-1].notice == "recovery-stopped"
    assert go_on(portal, hours=100) == 0
    assert portal.log_in(device=tokens["device"]).status_code == 201
    with portal.sut.units() as uow:
        (row,) = uow.session.execute(select(coolings))
    assert (row.phone, row.password_hash) == (None, None)


@pytest.mark.parametrize("hours", [1, 36])
def test_the_link_of_either_notice_stops_it_without_a_login(
    portal: Portal, tokens: Tokens, hours: int
) -> None:
    waiting(portal)
    go_on(portal, hours=hours)
    code = stop_code(portal)
    assert code not in portal.sut.everything_stored()
    answer = portal.post("/cooling-offs/stopping", {"code": code})
    assert (answer.status_code, answer.get_json()) == (200, {"purpose": "recovery"})
    refused(portal.post("/cooling-offs/stopping", {"code": code}), 404, "nothing-to-stop")
    assert go_on(portal, hours=100) == 0
    assert portal.log_in(device=tokens["device"]).status_code == 201


def test_a_made_up_link_stops_nothing(portal: Portal, tokens: Tokens) -> None:
    assert tokens
    waiting(portal)
    refused(portal.post("/cooling-offs/stopping", {"code": "made-up"}), 404, "nothing-to-stop")
    assert go_on(portal, hours=36) == 1


def test_nobody_stops_the_recovery_of_another_from_their_session(portal: Portal, tokens: Tokens) -> None:
    assert tokens
    portal.account(person(NGOC))
    ngoc = portal.session(NGOC)
    portal.wait(minutes=1)
    waiting(portal)
    assert call(portal, ngoc, "GET", "/account/cooling-offs").get_json()["items"] == []
    refused(call(portal, ngoc, "DELETE", "/account/cooling-offs/recovery"), 404, "nothing-to-stop")


def test_a_second_recovery_does_not_replace_the_first(portal: Portal, tokens: Tokens) -> None:
    """Else a thief could take over what the owner began, or begin anew what the owner stops."""
    assert tokens
    waiting(portal)
    portal.wait(minutes=1)
    refused(set_password(portal, proved(portal)), 409, "recovery-waiting")


def test_a_new_phone_in_the_name_of_another_proves_nothing(portal: Portal, tokens: Tokens) -> None:
    assert tokens
    form = person(phone=people.named()[NGOC].phone)
    refused(begin(portal, form), 422, "register-mismatch")


def test_the_answer_is_the_same_until_the_code_whether_there_is_an_account(portal: Portal) -> None:
    answer = begin(portal)
    assert (answer.status_code, answer.get_json()["state"]) == (201, "awaiting-code")
    assert portal.requested()[-1].act == "recovery"
    refused(portal.confirm(answer.get_json()["id"], portal.code()), 409, "no-account")


def test_a_weaker_method_does_not_recover_a_high_account(portal: Portal, tokens: Tokens) -> None:
    assert tokens
    with portal.sut.units() as uow:
        uow.session.execute(update(accounts).values(assurance="high"))
    id = begin(portal).get_json()["id"]
    refused(portal.confirm(id, portal.code()), 409, "assurance-too-low")
    refused(set_password(portal, id), 409, "not-confirmed")


def test_a_recovery_is_no_registration_and_a_registration_no_recovery(portal: Portal, tokens: Tokens) -> None:
    assert tokens
    recovery = proved(portal)
    answer = portal.post(f"/registrations/{recovery}/account", {"password": NEW})
    refused(answer, 404, "registration-not-found")
    registration = portal.confirmed(person(NGOC))
    refused(set_password(portal, registration), 404, "registration-not-found")


def test_the_password_is_set_once_and_not_before_the_code(portal: Portal, tokens: Tokens) -> None:
    assert tokens
    id = begin(portal).get_json()["id"]
    refused(set_password(portal, id), 409, "not-confirmed")
    portal.confirm(id, portal.code())
    refused(set_password(portal, id, "12345678"), 422, "password-common", "/password")
    assert set_password(portal, id).status_code == 202
    assert set_password(portal, id).status_code == 409


def test_nothing_personal_of_a_recovery_lies_readable_in_the_database(
    portal: Portal, tokens: Tokens, identity: ServiceUnderTest
) -> None:
    assert tokens
    waiting(portal)
    stored = identity.everything_stored()
    for canary in (NEW_PHONE, OLD_PHONE, NEW, PASSWORD):
        assert canary not in stored
