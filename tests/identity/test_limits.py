"""How often: per address, per block of numbers, for one ID number, for the whole installation."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.testing import ServiceUnderTest
from services.identity import timers
from services.identity.commands import limits
from services.identity.model import limits as model
from services.identity.model.limits import Limit, address_block
from services.identity.model.rules import Rules
from services.identity.tables import limits as table
from tests.identity.conftest import CHEAP
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused
from vocabulary.refusals import TooMany

WRONG = "not this one"
HERE, THERE = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}


@pytest.fixture
def rules() -> Rules:
    return replace(CHEAP, address_failures_per_hour=3, address_registrations_per_hour=4, sms_per_hour=6)


def log_in(portal: Portal, login: str, place: dict[str, str], password: str = WRONG, device: str = "") -> int:
    body = {"login": login, "password": password, "captcha": portal.captcha()}
    body |= {"device": device} if device else {}
    return portal.post("/sessions", body, place).status_code


def test_wrong_passwords_from_one_address_come_to_an_end_and_others_go_on(portal: Portal) -> None:
    assert [log_in(portal, f"somebody{n}", HERE) for n in range(5)] == [401, 401, 401, 429, 429]
    assert log_in(portal, "somebody", THERE) == 401
    portal.wait(hours=1)
    assert log_in(portal, "somebody", HERE) == 401


def test_it_says_when_to_come_back_and_not_what_was_too_often(portal: Portal) -> None:
    for number in range(3):
        log_in(portal, f"somebody{number}", HERE)
    portal.wait(minutes=10)
    body = {"login": "x", "password": "y", "captcha": portal.captcha()}
    answer = portal.post("/sessions", body, HERE)
    refused(answer, 429, "too-often")
    assert answer.headers["Retry-After"] == str(50 * 60)


def test_who_gets_in_is_not_counted_for_the_address(portal: Portal) -> None:
    portal.account()
    for _ in range(4):
        portal.wait(minutes=2)
        assert log_in(portal, AN, HERE, PASSWORD) == 202
        assert log_in(portal, "nobody-here", THERE) in (401, 429)


def test_a_known_device_gets_in_from_an_address_that_is_used_up(portal: Portal) -> None:
    portal.account()
    portal.wait(minutes=2)
    device = portal.session()["device"]
    for number in range(4):
        log_in(portal, f"somebody{number}", HERE)
    assert log_in(portal, AN, HERE, PASSWORD) == 429
    assert log_in(portal, AN, HERE, PASSWORD, device) == 201


def test_slips_of_the_post_office_are_not_guessed_from_one_address(portal: Portal) -> None:
    def come_back(place: dict[str, str]) -> int:
        body = {"registration_code": "123456789015", "phone": "0912000017", "captcha": portal.captcha()}
        return portal.post("/registrations/resumption", body, place).status_code

    *looked_at, refused_then = [come_back(HERE) for _ in range(4)]
    assert 429 not in looked_at
    assert refused_then == 429
    assert come_back(THERE) == looked_at[0]


def test_wrong_codes_count_for_the_address_too(portal: Portal) -> None:
    tried = [
        portal.post(f"/registrations/{portal.started(person(who))}/confirmation", {"code": "000000"}, HERE)
        for who in (AN, NGOC)
    ]
    assert {answer.status_code for answer in tried} == {422}
    assert log_in(portal, "somebody", HERE) == 401
    assert log_in(portal, "somebody", HERE) == 429


def test_registrations_that_nobody_confirms_come_to_an_end(portal: Portal) -> None:
    begun = []
    for _ in range(5):
        portal.wait(minutes=2)
        begun.append(portal.register().status_code)
    assert begun == [201, 201, 201, 201, 429]


def test_what_a_register_does_not_confirm_is_tried_ever_more_slowly(portal: Portal) -> None:
    """From whatever address; and whoever it is about has a quarter of an hour to wait at most."""
    for number in range(5):
        place = {"X-Forwarded-For": f"203.0.113.{number}"}
        wrong = person(full_name=f"Nguyễn Văn {'ABCDE'[number]}")
        body = {"kind": "citizen", "method": "phone", "captcha": portal.captcha(), "person": wrong}
        refused(portal.post("/registrations", body, place), 422, "register-mismatch")
    refused(portal.register(), 429, "login-paused")
    portal.wait(minutes=15)
    assert portal.register().status_code == 201


def test_numbers_that_lie_beside_each_other_share_a_limit(identity: ServiceUnderTest) -> None:
    few = replace(CHEAP, block_codes_per_hour=2)
    beside = ["0912000001", "0912000002", "0912000999"]
    with identity.units() as uow:
        for phone in beside[:2]:
            limits.count_message(uow, few, "registration", phone)
        with pytest.raises(Exception, match="too-often"):
            limits.count_message(uow, few, "registration", beside[2])
        limits.count_message(uow, few, "registration", "0912001000")
        limits.count_message(uow, few, "login", beside[2])


def test_when_the_messages_are_used_up_it_says_so_and_known_devices_get_in(portal: Portal) -> None:
    portal.account()
    portal.wait(minutes=2)
    device = portal.session()["device"]
    for _ in range(2):
        portal.wait(minutes=2)
        assert portal.register(person(NGOC)).status_code == 201
        assert log_in(portal, AN, THERE, PASSWORD) == 202
    portal.wait(minutes=2)
    answer = portal.register(person(NGOC))
    refused(answer, 503, "sms-budget")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert log_in(portal, AN, HERE, PASSWORD, device) == 201
    assert log_in(portal, AN, HERE, PASSWORD) == 503
    portal.wait(hours=1)
    assert portal.register(person(NGOC)).status_code == 201


def test_many_at_once_are_not_more_than_the_limit(identity: ServiceUnderTest) -> None:
    passed, limit = [], Limit("address-failures", 7, timedelta(hours=1))

    def work() -> None:
        for _ in range(4):
            try:
                with identity.units() as uow:
                    limits.count(uow, limit, "203.0.113.7", model.too_often)
            except TooMany:
                continue
            passed.append(1)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(passed) == 7


def test_an_address_is_kept_as_a_keyed_hash_and_swept(identity: ServiceUnderTest, portal: Portal) -> None:
    log_in(portal, "somebody", HERE)
    assert "203.0.113" not in identity.everything_stored()
    portal.wait(hours=2)
    identity.tick("sweep")
    with identity.units() as uow:
        assert uow.session.execute(table.select()).all() == []


def test_operators_see_how_many_messages_are_left(
    identity: ServiceUnderTest, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.started()
    for most, severity in (("100", "well"), ("1", "wrong")):
        monkeypatch.setenv("SMS_PER_HOUR", most)
        with identity.units.engine.connect() as connection:
            hour, day = timers.examine(connection)
        assert (hour.severity, day.severity) == (severity, "well"), hour
        assert f"1 of {most} text messages of this hour" in hour.what
        timers.measure_messages(identity.units)
        shown = timers.USED.labels("sms-hour")._value.get()
        assert shown == 1 / int(most)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2:3::4", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::1", "::2", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("unknown", "unknown", True),
    ],
)
def test_a_network_of_ipv6_is_one_subscribers(one: str, other: str, same: bool) -> None:
    assert (address_block(one) == address_block(other)) is same
