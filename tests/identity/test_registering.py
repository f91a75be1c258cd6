import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chassis.http import Away
from chassis.testing import ServiceUnderTest
from contracts.identity import AccountRegistered
from sandbox.faults import Faults
from sandbox.people import known
from services.identity.adapters.sim_register import sim_register
from services.identity.model.methods import METHODS
from services.identity.model.person import Person
from services.identity.model.rules import Rules
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused


def test_a_citizen_gets_an_account_by_form_code_and_password(portal: Portal) -> None:
    answer = portal.register()
    started = answer.get_json()
    assert answer.status_code == 201
    assert (started["state"], started["resend_after"]) == ("awaiting-code", 60)
    confirmed = portal.confirm(started["id"], portal.code())
    assert (confirmed.status_code, confirmed.get_json()) == (200, {"id": started["id"], "state": "confirmed"})
    made = portal.post(f"/registrations/{started['id']}/account", {"password": PASSWORD})
    assert made.status_code == 201
    assert made.get_json() | {"account_id": "?"} == {"account_id": "?", "login": AN, "assurance": "medium"}


def test_the_code_goes_sealed_to_the_phone_in_the_language_of_the_page(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    portal.language = "en"
    id = portal.started()
    (event,) = portal.requested()
    assert identity.unsealed(event.phone, "notify") == "0912000017"
    assert len(portal.code()) == 6
    assert (event.purpose, event.language) == ("registration", "en")
    assert event.expires_at == identity.clock.now + timedelta(minutes=5)
    assert str(event.request) != id, "the id is the key to the registration and must not travel"


def test_the_account_is_announced_with_what_notify_and_dossier_need(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    made = portal.account()
    (event,) = identity.announced(AccountRegistered)
    assert str(event.account) == made["account_id"]
    assert (event.kind, event.assurance, event.language) == ("citizen", "medium", "vi")
    contact = {"phone": "0912000017", "email": "an@example.test"}
    assert json.loads(identity.unsealed(event.contact, "notify")) == contact
    assert json.loads(identity.unsealed(event.profile, "dossier")) == {
        "full_name": "Nguyễn Văn An",
        "id_number": AN,
        "date_of_birth": "1999-02-03",
        "phone": "0912000017",
    }


@pytest.mark.parametrize("trap", known()["traps"][:2], ids=lambda trap: str(trap["case"]))
def test_a_register_that_disagrees_never_says_which_field_was_wrong(
    portal: Portal, trap: dict[str, Any]
) -> None:
    form = {name: trap[name] for name in ("id_number", "full_name", "date_of_birth", "phone")}
    problem = refused(portal.register(form), 422, "register-mismatch")
    assert "errors" not in problem
    assert portal.requested() == []


def test_an_id_number_of_another_century_is_named_as_the_wrong_field(portal: Portal) -> None:
    trap = known()["traps"][2]
    form = {name: trap[name] for name in ("id_number", "full_name", "date_of_birth", "phone")}
    problem = refused(portal.register(form), 422, "invalid", "/person/id_number")
    assert problem["errors"][0]["code"] == "id-number-year"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"id_number": "12345"}, "/person/id_number", "id-number-format"),
        ({"id_number": "999099000017"}, "/person/id_number", "id-number-province"),
        ({"full_name": ""}, "/person/full_name", "required"),
        ({"full_name": "An 2"}, "/person/full_name", "full-name"),
        ({"date_of_birth": "3/2/1999"}, "/person/date_of_birth", "date"),
        ({"phone": "02438000000"}, "/person/phone", "phone-format"),
        ({"phone": "0112000017"}, "/person/phone", "phone-prefix"),
        ({"email": "an at example"}, "/person/email", "email"),
        ({"nickname": "An"}, "/person/nickname", "unknown-field"),
    ],
)
def test_a_wrong_field_is_named(portal: Portal, change: dict[str, str], pointer: str, code: str) -> None:
    problem = refused(portal.register(person(**change)), 422, "invalid", pointer)
    assert [fault["code"] for fault in problem["errors"]] == [code]


def test_all_wrong_fields_are_named_at_once_and_the_captcha_stays_good(portal: Portal) -> None:
    captcha = portal.captcha()
    problem = portal.register(person(id_number="1", phone="2"), captcha=captcha).get_json()
    assert {fault["pointer"] for fault in problem["errors"]} == {"/person/id_number", "/person/phone"}
    assert portal.register(captcha=captcha).status_code == 201


def test_a_form_without_a_person_is_refused(portal: Portal) -> None:
    body = {"kind": "citizen", "method": "phone", "captcha": portal.captcha()}
    refused(portal.post("/registrations", body), 422, "invalid", "/person")


def test_a_method_that_is_not_open_says_so(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "post", replace(METHODS["post"], open=False))
    refused(portal.register(method="post"), 422, "method-not-yet-available", "/method")


def test_numbers_typed_in_groups_are_the_same_numbers(portal: Portal) -> None:
    portal.started(person(id_number="001 099 000 017", phone="+84 912 000 017"))


@pytest.mark.parametrize(("fault", "value"), [("down", True), ("failing", 1.0), ("delay", 4.3)])
def test_a_register_that_is_down_broken_or_slow_asks_to_try_again_later(
    portal: Portal, faults: Faults, fault: str, value: float
) -> None:
    setattr(faults, fault, value)
    answer = portal.register()
    refused(answer, 503, "register-away")
    assert int(answer.headers["Retry-After"]) > 0
    assert portal.requested() == []


def test_a_registration_that_nobody_started_is_not_found(portal: Portal) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    refused(portal.confirm(nobody, "123456"), 404, "registration-not-found")
    refused(portal.post(f"/registrations/{nobody}/code"), 404, "registration-not-found")
    body = {"password": PASSWORD}
    refused(portal.post(f"/registrations/{nobody}/account", body), 404, "registration-not-found")


def test_a_registration_expires(portal: Portal, rules: Rules) -> None:
    id = portal.confirmed()
    portal.wait(seconds=rules.registration_lifetime.total_seconds())
    answer = portal.post(f"/registrations/{id}/account", {"password": PASSWORD})
    refused(answer, 404, "registration-not-found")


def test_a_password_needs_a_confirmed_phone_first(portal: Portal) -> None:
    answer = portal.post(f"/registrations/{portal.started()}/account", {"password": PASSWORD})
    refused(answer, 409, "not-confirmed")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ngắn", "password-too-short"),
        ("a" * 129, "password-too-long"),
        ("MatKhau123", "password-common"),
        (f"của tôi {AN}", "password-has-login"),
    ],
)
def test_a_weak_password_is_refused_and_another_may_be_tried(
    portal: Portal, password: str, code: str
) -> None:
    id = portal.confirmed()
    answer = portal.post(f"/registrations/{id}/account", {"password": password})
    refused(answer, 422, code, "/password")
    again = portal.post(f"/registrations/{id}/account", {"password": PASSWORD})
    assert again.status_code == 201


def test_someone_who_has_an_account_is_told_only_after_proving_the_phone(portal: Portal) -> None:
    portal.account()
    again = portal.register()
    new = portal.register(person(NGOC))
    assert again.status_code == new.status_code == 201
    assert again.get_json().keys() == new.get_json().keys()
    assert len(portal.requested()) == 3
    id, (first, second, _) = again.get_json()["id"], portal.requested()
    code = portal.sut.unsealed(second.code, "notify")
    assert first.request != second.request
    refused(portal.confirm(id, code), 409, "already-registered")


def test_one_of_two_registrations_of_the_same_person_makes_the_account(portal: Portal) -> None:
    first, second = portal.confirmed(), portal.confirmed()
    body = {"password": PASSWORD}
    assert portal.post(f"/registrations/{first}/account", body).status_code == 201
    refused(portal.post(f"/registrations/{second}/account", body), 409, "already-registered")
    refused(portal.post(f"/registrations/{first}/account", body), 409, "already-registered")


def test_the_same_request_sent_twice_with_its_key_starts_one_registration(portal: Portal) -> None:
    body = {"kind": "citizen", "method": "phone", "captcha": portal.captcha(), "person": person()}
    key = {"Idempotency-Key": "one-press-of-the-button"}
    first, second = (portal.post("/registrations", body, key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json()["id"] == second.get_json()["id"]
    assert len(portal.requested()) == 1


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9"])
def test_a_register_that_cannot_be_reached_is_away(url: str) -> None:
    anybody = Person(AN, "Nguyễn Văn An", "0912000017", id_number=AN, date_of_birth=date(1999, 2, 3))
    with pytest.raises(Away):
        sim_register(url).holds(anybody)
