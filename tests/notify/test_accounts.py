"""Accounts change and close, and their owners are told what happens to them."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from chassis.tables import data_keys
from chassis.testing import ServiceUnderTest, delivery
from contracts.dossier import DossierAccepted, DossierSubmitted
from contracts.identity import AccountChanged, AccountClosed
from services.notify.commands.telling import templates
from services.notify.tables import contacts
from tests.notify.builders import AN, EMAIL, PHONE, about_dossier, account_event, noticed, registered
from tests.notify.fake_gateway import FakeGateway
from tests.notify.test_telling import inbox

NEW_PHONE = "0912000029"


def closed(sut: ServiceUnderTest) -> AccountClosed:
    return AccountClosed(account=AN, at=sut.clock.now)


def keys(sut: ServiceUnderTest) -> list[object]:
    with sut.units() as uow:
        return list(uow.session.scalars(select(data_keys.c.person)))


def send(sut: ServiceUnderTest) -> None:
    sut.tick("send-sms")
    sut.tick("send-mail")


def test_a_notice_is_told_in_the_inbox_by_sms_and_by_email(
    notify: ServiceUnderTest, sms: FakeGateway, mail: FakeGateway
) -> None:
    notify.hear(registered(notify, email=EMAIL))
    notify.hear(noticed(notify, details={"browser": "Chrome, Android"}, email=EMAIL), sequence=2)
    send(notify)
    (line,) = inbox(notify)["items"]
    assert (line["title"], line["dossier"], line["read"]) == ("Đăng nhập từ thiết bị mới", None, False)
    assert "Chrome, Android" in line["text"]
    (text,) = sms.texts_to(PHONE)
    assert "lúc 09:00 ngày 23/11/2026" in text
    (letter,) = mail.messages.values()
    assert (letter["to"], letter["subject"]) == (EMAIL, "Đăng nhập từ thiết bị mới")
    assert "Chrome, Android" in letter["text"]


def test_a_detail_that_is_not_known_is_left_out(notify: ServiceUnderTest) -> None:
    notify.hear(registered(notify))
    notify.hear(noticed(notify), sequence=2)
    (line,) = inbox(notify)["items"]
    assert "Trình duyệt" not in line["text"]


def test_a_notice_heard_twice_is_told_once(notify: ServiceUnderTest, sms: FakeGateway) -> None:
    notify.hear(registered(notify))
    heard = delivery(noticed(notify), notify.clock.now, sequence=2)
    notify.consumer.handle([heard])
    notify.consumer.handle([heard])
    send(notify)
    assert (len(inbox(notify)["items"]), len(sms.texts_to(PHONE))) == (1, 1)


def test_a_notice_goes_where_it_says_though_the_account_is_reached_elsewhere_by_now(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    notify.hear(registered(notify))
    notify.hear(account_event(notify, AccountChanged, phone=NEW_PHONE), sequence=2)
    notify.hear(noticed(notify), sequence=3)
    send(notify)
    assert (len(sms.texts_to(PHONE)), len(sms.texts_to(NEW_PHONE))) == (1, 0)


def test_an_official_who_has_no_inbox_is_told_by_sms(notify: ServiceUnderTest, sms: FakeGateway) -> None:
    official = uuid4()
    notify.hear(noticed(notify, account=official))
    send(notify)
    assert len(sms.texts_to(PHONE)) == 1
    assert inbox(notify, official)["items"] == []


def test_a_notice_nobody_wrote_words_for_is_parked_and_not_lost(notify: ServiceUnderTest) -> None:
    with pytest.raises(AssertionError, match="KeyError"):
        notify.hear(noticed(notify, "unheard-of"))


def test_after_a_change_of_phone_dossiers_are_told_to_the_new_one(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    notify.hear(registered(notify))
    notify.hear(account_event(notify, AccountChanged, phone=NEW_PHONE), sequence=2)
    notify.hear(about_dossier(notify, DossierSubmitted))
    send(notify)
    assert (len(sms.texts_to(PHONE)), len(sms.texts_to(NEW_PHONE))) == (0, 1)


def test_what_was_said_of_an_account_before_does_not_bring_its_old_phone_back(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    notify.hear(account_event(notify, AccountChanged, phone=NEW_PHONE), sequence=2)
    notify.hear(registered(notify))
    notify.hear(about_dossier(notify, DossierSubmitted))
    send(notify)
    assert (len(sms.texts_to(PHONE)), len(sms.texts_to(NEW_PHONE))) == (0, 1)


def test_a_closed_account_leaves_no_inbox_no_contact_and_no_data_key(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    notify.hear(registered(notify, email=EMAIL))
    notify.hear(about_dossier(notify, DossierSubmitted))
    notify.hear(closed(notify), sequence=2)
    send(notify)
    assert inbox(notify)["items"] == []
    assert sms.texts_to(PHONE) == [], "what was still to be sent cannot be read any more"
    assert keys(notify) == []
    with notify.units() as uow:
        (row,) = uow.session.execute(select(contacts))
    assert (row.phone, row.email) == (None, None)


def test_the_last_notice_reaches_its_person_after_they_were_forgotten(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    notify.hear(registered(notify))
    notify.hear(noticed(notify), sequence=2)
    notify.hear(closed(notify), sequence=3)
    send(notify)
    assert len(sms.texts_to(PHONE)) == 1
    assert keys(notify) == []


def test_nobody_is_told_of_a_dossier_that_goes_on_after_its_account_was_closed(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    notify.hear(registered(notify))
    notify.hear(closed(notify), sequence=2)
    notify.hear(about_dossier(notify, DossierAccepted))
    send(notify)
    assert (inbox(notify)["items"], sms.calls, keys(notify)) == ([], [], [])


def test_what_was_said_of_an_account_before_it_closed_does_not_bring_the_person_back(
    notify: ServiceUnderTest,
) -> None:
    notify.hear(closed(notify), sequence=3)
    notify.hear(registered(notify))
    notify.hear(account_event(notify, AccountChanged, phone=NEW_PHONE), sequence=2)
    assert keys(notify) == []
    notify.hear(about_dossier(notify, DossierAccepted))
    assert inbox(notify)["items"] == []


def test_nothing_of_a_notice_lies_readable_in_the_database(notify: ServiceUnderTest) -> None:
    notify.hear(registered(notify, email=EMAIL))
    notify.hear(noticed(notify, details={"browser": "Chrome, Android"}, email=EMAIL), sequence=2)
    stored = notify.everything_stored()
    for canary in (PHONE, EMAIL, "Chrome", "thiết bị"):
        assert canary not in stored


def test_every_notice_has_its_words_on_every_channel_in_both_languages() -> None:
    notices = {name for name, _, _ in templates().sentences if name.startswith("notice.")}
    for name in notices:
        said = {(lang, channel) for named, lang, channel in templates().sentences if named == name}
        assert len(said) == 8, name
