import threading
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from sqlalchemy import QueuePool, Row, select

from chassis import personal
from chassis.tables import data_keys
from chassis.testing import ServiceUnderTest
from contracts.dossier import DossierAccepted, DossierSubmitted
from services.notify.adapters import Ports
from services.notify.adapters.sms import SmsGateway
from services.notify.commands import sending
from services.notify.model.delivery import CODES, LONGEST_PAUSE, SMS, pause_after
from services.notify.tables import deliveries
from services.notify.timers import people
from tests.notify.builders import EMAIL, PHONE, about_dossier, code_requested, registered
from tests.notify.fake_gateway import FakeGateway


class Killed(BaseException):
    """As `kill -9` would end it: nothing below catches it."""


def rows(sut: ServiceUnderTest) -> list[Row[Any]]:
    with sut.units() as uow:
        return list(uow.session.execute(select(deliveries).order_by(deliveries.c.id)))


@pytest.fixture
def told(notify: ServiceUnderTest) -> ServiceUnderTest:
    """One SMS and one e-mail wait to be sent."""
    notify.hear(registered(notify, email=EMAIL))
    notify.hear(about_dossier(notify, DossierSubmitted))
    return notify


def test_a_code_reaches_the_phone_at_once_and_is_kept_nowhere(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    notify.hear(code_requested(notify))
    assert notify.tick("send-codes") == 1
    (text,) = sms.texts_to(PHONE)
    assert text.startswith("428613 là mã đăng nhập")
    assert "09:05" in text
    (row,) = rows(notify)
    assert (row.state, row.content) == ("sent", None)
    with notify.units() as uow:
        assert uow.session.execute(select(data_keys)).all() == []


def test_a_code_asked_again_while_the_first_waits_sends_both(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    first = code_requested(notify)
    notify.hear(first)
    notify.hear(code_requested(notify, request=first.request), sequence=2)
    notify.tick("send-codes")
    notify.tick("send-codes")
    assert len(sms.texts_to(PHONE)) == 2


def test_a_code_that_is_too_late_is_never_sent(notify: ServiceUnderTest, sms: FakeGateway) -> None:
    notify.hear(code_requested(notify))
    notify.clock.move(timedelta(minutes=5))
    assert notify.tick("send-codes") == 0
    assert notify.tick("expire-codes") == 1
    (row,) = rows(notify)
    assert (row.state, row.content) == ("expired", None)
    assert sms.calls == []


def test_a_code_that_grew_too_late_behind_another_is_not_sent(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    notify.hear(code_requested(notify))
    with notify.units() as uow:
        (outgoing,) = sending.claim(uow, CODES)
    notify.clock.move(timedelta(minutes=5))
    people._send_one(notify.units, SmsGateway(sms.url), outgoing)
    assert sms.calls == []


@pytest.mark.parametrize("answer", [500, 503, 429, 401, 404, 302])
def test_a_gateway_that_fails_is_asked_again_later_and_tells_once(
    told: ServiceUnderTest, sms: FakeGateway, answer: int
) -> None:
    sms.answers = [answer]
    assert told.tick("send-sms") == 0
    waiting = rows(told)[0]
    assert (waiting.state, waiting.attempts, waiting.last_error) == ("waiting", 1, f"answered {answer}")
    assert told.tick("send-sms") == 0
    assert len(sms.calls) == 1, "not asked again before its time"
    told.clock.move(timedelta(seconds=3))
    assert told.tick("send-sms") == 1
    assert len(sms.messages) == 1
    assert {call["reference"] for call in sms.calls} == set(sms.messages)


def test_a_gateway_that_will_never_take_a_message_is_not_asked_again(
    told: ServiceUnderTest, sms: FakeGateway
) -> None:
    sms.answers = [422]
    told.tick("send-sms")
    told.clock.move(timedelta(days=1))
    told.tick("send-sms")
    row = rows(told)[0]
    assert (row.state, row.content, row.last_error) == ("failed", None, "answered 422")
    assert len(sms.calls) == 1


def test_a_gateway_that_is_down_keeps_everything_for_later(
    told: ServiceUnderTest, sms: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.hear(about_dossier(told, DossierAccepted, version=2), sequence=2)
    nobody_there = Ports(sms=SmsGateway("http://127.0.0.1:9"))
    monkeypatch.setattr(told.units, "ports", nobody_there)
    assert told.tick("send-sms") == 0
    tried, untried = (row for row in rows(told) if row.channel == "sms")
    assert (tried.attempts, untried.attempts) == (1, 0)
    assert PHONE not in tried.last_error
    monkeypatch.setattr(told.units, "ports", Ports(sms=SmsGateway(sms.url)))
    told.clock.move(timedelta(minutes=1))
    assert told.tick("send-sms") == 2
    assert len(sms.messages) == 2


def test_a_slow_gateway_is_given_up_and_drops_the_repeat(told: ServiceUnderTest, sms: FakeGateway) -> None:
    sms.hold.clear()
    assert told.tick("send-sms") == 0
    assert rows(told)[0].last_error == "too slow"
    sms.hold.set()
    told.clock.move(timedelta(seconds=3))
    assert told.tick("send-sms") == 1
    assert len(sms.messages) == 1


def test_no_transaction_is_open_while_the_gateway_thinks(told: ServiceUnderTest, sms: FakeGateway) -> None:
    pool = told.units.engine.pool
    assert isinstance(pool, QueuePool)
    sms.hold.clear()
    sender = threading.Thread(target=told.tick, args=["send-sms"])
    sender.start()
    while not sms.calls:
        sleep(0.01)
    assert pool.checkedout() == 0
    sms.hold.set()
    sender.join()


def test_a_slow_channel_does_not_hold_the_other(
    told: ServiceUnderTest, sms: FakeGateway, mail: FakeGateway
) -> None:
    sms.hold.clear()
    stuck = threading.Thread(target=told.tick, args=["send-sms"])
    stuck.start()
    told.tick("send-mail")
    assert stuck.is_alive()
    assert len(mail.messages) == 1
    stuck.join()


def test_a_code_does_not_wait_behind_other_messages(notify: ServiceUnderTest, sms: FakeGateway) -> None:
    notify.hear(registered(notify))
    for number in range(1, 30):
        notify.hear(about_dossier(notify, DossierSubmitted, code=f"H01-261123-{number:04d}"))
    notify.hear(code_requested(notify))
    assert notify.tick("send-codes") == 1
    assert [call["text"][:6] for call in sms.calls] == ["428613"]


def die(*_: object) -> None:
    raise Killed


def test_killed_between_sending_and_mark_it_tells_once_per_reference(
    told: ServiceUnderTest, sms: FakeGateway
) -> None:
    """The second sender cannot know; the gateway, by the reference, does."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sending, "mark_sent", die)
        with pytest.raises(Killed):
            told.tick("send-sms")
    assert rows(told)[0].state == "waiting"
    assert told.tick("send-sms") == 0, "the dead sender's lease still holds"
    told.clock.move(SMS.lease)
    assert told.tick("send-sms") == 1
    assert len(sms.calls) == 2
    assert len({call["reference"] for call in sms.calls}) == 1
    assert len(sms.texts_to(PHONE)) == 1
    assert rows(told)[0].state == "sent"


def test_two_senders_at_once_send_each_message_once(notify: ServiceUnderTest, sms: FakeGateway) -> None:
    notify.hear(registered(notify))
    for number in range(1, 41):
        notify.hear(about_dossier(notify, DossierSubmitted, code=f"H01-261123-{number:04d}"))

    def send_all() -> None:
        while notify.tick("send-sms"):
            pass

    senders = [threading.Thread(target=send_all) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(sms.calls) == len(sms.messages) == 40


def test_a_sender_that_lost_its_lease_does_not_undo_what_another_sent(
    told: ServiceUnderTest, sms: FakeGateway
) -> None:
    with told.units() as uow:
        (slow,) = sending.claim(uow, SMS)
    told.clock.move(SMS.lease)
    told.tick("send-sms")
    with told.units() as uow:
        sending.put_off(uow, slow, "ReadTimeoutError")
    assert rows(told)[0].state == "sent"
    assert told.tick("send-sms") == 0


def test_a_sender_that_lost_its_lease_does_not_free_the_one_of_another(
    told: ServiceUnderTest, sms: FakeGateway
) -> None:
    with told.units() as uow:
        (slow,) = sending.claim(uow, SMS)
    told.clock.move(SMS.lease)
    with told.units() as uow:
        (taken_over,) = sending.claim(uow, SMS)
    with told.units() as uow:
        sending.put_off(uow, slow, "ReadTimeoutError")
        sending.give_back(uow, [slow])
    row = rows(told)[0]
    assert (row.lease, row.attempts) == (taken_over.lease, 0)
    assert told.tick("send-sms") == 0


def test_an_erased_person_is_told_nothing_more(told: ServiceUnderTest, sms: FakeGateway) -> None:
    with told.units() as uow:
        personal.erase(uow.session, rows(told)[0].owner)
    told.tick("send-sms")
    assert (rows(told)[0].state, sms.calls) == ("failed", [])


def test_without_a_gateway_messages_wait(told: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told.units, "ports", Ports())
    assert [told.tick(timer.name) for timer in told.service.timers] == [0] * len(told.service.timers)
    assert {row.state for row in rows(told)} == {"waiting"}


def test_pauses_double_to_ten_minutes_and_are_spread() -> None:
    assert [pause_after(n, 1).total_seconds() for n in (1, 2, 3)] == [2, 4, 8]
    assert pause_after(2, 0) == pause_after(2, 1) / 2
    assert pause_after(1000, 1) == LONGEST_PAUSE
