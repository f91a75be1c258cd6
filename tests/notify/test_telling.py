from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event as database_event
from sqlalchemy import select

from chassis.testing import ServiceUnderTest, delivery
from contracts.dossier import DOSSIER_EVENTS, DossierAccepted, DossierEvent, DossierRefused, DossierSubmitted
from services.notify.tables import deliveries
from tests.notify.builders import AN, EMAIL, PHONE, about_dossier, code_requested, registered
from tests.notify.fake_gateway import FakeGateway


def inbox(sut: ServiceUnderTest, account: Any = AN, **headers: str) -> dict[str, Any]:
    answer = sut.client.get("/api/v1/notifications", headers=sut.as_citizen(account) | headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json or {}
    return found


def test_a_submitted_dossier_is_told_in_the_inbox_by_sms_and_by_email(
    notify: ServiceUnderTest, sms: FakeGateway, mail: FakeGateway
) -> None:
    notify.hear(registered(notify, email=EMAIL))
    notify.hear(about_dossier(notify, DossierSubmitted))
    notify.tick("send-sms")
    notify.tick("send-mail")
    (line,) = inbox(notify)["items"]
    assert line["title"] == "Đã nộp hồ sơ H01-261123-0001"
    assert "Đăng ký khai sinh" in line["text"]
    assert "chậm nhất 17:00 ngày 23/11/2026" in line["text"]
    assert (line["dossier"], line["read"]) == ("H01-261123-0001", False)
    (text,) = sms.texts_to(PHONE)
    assert "H01-261123-0001" in text
    assert "khai sinh" not in text
    (letter,) = mail.messages.values()
    assert (letter["to"], letter["subject"]) == (EMAIL, "Đã nộp hồ sơ H01-261123-0001")
    assert notify.settings.public_url in letter["text"]


def test_a_business_is_told_like_a_person(
    notify: ServiceUnderTest, sms: FakeGateway, mail: FakeGateway
) -> None:
    notify.hear(registered(notify, kind="business", assurance="high", email="songhong@example.test"))
    notify.hear(about_dossier(notify, DossierSubmitted))
    notify.tick("send-sms")
    notify.tick("send-mail")
    shown = notify.client.get("/api/v1/notifications", headers=notify.as_business(AN)).json
    assert [line["dossier"] for line in (shown or {})["items"]] == ["H01-261123-0001"]
    assert len(sms.texts_to(PHONE)) == 1
    assert [letter["to"] for letter in mail.messages.values()] == ["songhong@example.test"]


@pytest.mark.parametrize("event", DOSSIER_EVENTS, ids=lambda event: event.__name__)
def test_every_step_of_a_dossier_is_told(
    notify: ServiceUnderTest, sms: FakeGateway, event: type[DossierEvent]
) -> None:
    notify.hear(registered(notify))
    notify.hear(about_dossier(notify, event))
    notify.tick("send-sms")
    assert len(inbox(notify)["items"]) == 1
    (text,) = sms.texts_to(PHONE)
    assert "H01-261123-0001" in text


def test_the_inbox_speaks_the_readers_language_and_sms_the_one_of_the_registration(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    notify.hear(registered(notify, language="en"))
    notify.hear(about_dossier(notify, DossierAccepted, due_at=notify.clock.now + timedelta(days=2)))
    notify.tick("send-sms")
    (text,) = sms.texts_to(PHONE)
    assert text.endswith("accepted dossier H01-261123-0001. Result due by 09:00, 25 November 2026.")
    (vietnamese,) = inbox(notify)["items"]
    (english,) = inbox(notify, **{"Accept-Language": "en"})["items"]
    assert vietnamese["title"] == "Hồ sơ H01-261123-0001 đã được tiếp nhận"
    assert english["title"] == "Dossier H01-261123-0001 was accepted"


def test_the_reason_of_a_refusal_is_in_the_inbox_and_nowhere_else(
    notify: ServiceUnderTest, sms: FakeGateway, mail: FakeGateway
) -> None:
    reason = "Giấy chứng sinh không đọc được"
    notify.hear(registered(notify, email=EMAIL))
    notify.hear(
        about_dossier(notify, DossierRefused, reason=notify.sealed(reason, "notify"), closed="refused")
    )
    notify.tick("send-sms")
    notify.tick("send-mail")
    (line,) = inbox(notify)["items"]
    assert f"Lý do: {reason}" in line["text"]
    assert reason not in str(sms.calls) + str(mail.calls)
    assert reason not in notify.everything_stored()


def test_a_dossier_of_an_account_not_heard_of_yet_waits_and_is_told_later(
    notify: ServiceUnderTest, sms: FakeGateway
) -> None:
    with pytest.raises(AssertionError, match="NotYet"):
        notify.hear(about_dossier(notify, DossierSubmitted))
    notify.hear(registered(notify))
    notify.clock.move(timedelta(minutes=1))
    notify.retry_parked()
    notify.tick("send-sms")
    assert len(inbox(notify)["items"]) == 1
    assert len(sms.texts_to(PHONE)) == 1


def test_nothing_personal_lies_readable_in_the_database(notify: ServiceUnderTest) -> None:
    notify.hear(registered(notify, email=EMAIL))
    notify.hear(code_requested(notify))
    notify.hear(about_dossier(notify, DossierSubmitted))
    stored = notify.everything_stored()
    for canary in (PHONE, EMAIL, "428613", "khai sinh"):
        assert canary not in stored


def test_one_event_heard_twice_is_told_once(notify: ServiceUnderTest, sms: FakeGateway) -> None:
    notify.hear(registered(notify))
    heard = delivery(about_dossier(notify, DossierSubmitted), notify.clock.now)
    notify.consumer.handle([heard])
    notify.consumer.handle([heard])
    notify.tick("send-sms")
    assert len(inbox(notify)["items"]) == 1
    assert len(sms.messages) == 1


def test_the_inbox_is_read_in_pages_newest_first(notify: ServiceUnderTest) -> None:
    notify.hear(registered(notify))
    codes = [f"H01-261123-{n:04d}" for n in range(1, 6)]
    for code in codes:
        notify.hear(about_dossier(notify, DossierSubmitted, code=code))
    headers = notify.as_citizen(AN)
    first = notify.client.get("/api/v1/notifications?limit=3", headers=headers).json or {}
    rest = (
        notify.client.get(
            f"/api/v1/notifications?limit=3&cursor={first['next_cursor']}", headers=headers
        ).json
        or {}
    )
    assert [line["dossier"] for line in first["items"] + rest["items"]] == codes[::-1]
    assert (first["unread"], rest["next_cursor"]) == (5, None)


@pytest.mark.parametrize("cursor", ["x", "WyJub25lIl0", "%00"])
def test_a_cursor_that_is_not_ours_is_malformed(notify: ServiceUnderTest, cursor: str) -> None:
    answer = notify.client.get(f"/api/v1/notifications?cursor={cursor}", headers=notify.as_citizen(AN))
    assert (answer.status_code, (answer.json or {})["code"]) == (400, "bad-cursor")


def test_a_notification_is_read_by_its_owner_only(notify: ServiceUnderTest) -> None:
    notify.hear(registered(notify))
    notify.hear(about_dossier(notify, DossierSubmitted))
    (line,) = inbox(notify)["items"]
    path = f"/api/v1/notifications/{line['id']}/read"
    stranger = notify.client.post(path, headers=notify.as_citizen(uuid4()))
    assert (stranger.status_code, (stranger.json or {})["code"]) == (404, "no-such-notification")
    assert inbox(notify)["unread"] == 1
    assert notify.client.post(path, headers=notify.as_citizen(AN)).status_code == 204
    assert notify.client.post(path, headers=notify.as_citizen(AN)).status_code == 204
    assert inbox(notify)["unread"] == 0
    assert inbox(notify)["items"][0]["read"]
    assert inbox(notify, uuid4()) == {"items": [], "unread": 0, "next_cursor": None}


def test_officials_and_strangers_have_no_inbox(notify: ServiceUnderTest) -> None:
    assert notify.client.get("/api/v1/notifications").status_code == 401
    assert notify.client.get("/api/v1/notifications", headers=notify.as_official("H01")).status_code == 403


def test_a_delivery_is_blanked_once_it_was_sent(notify: ServiceUnderTest) -> None:
    notify.hear(registered(notify))
    notify.hear(about_dossier(notify, DossierSubmitted))
    notify.tick("send-sms")
    with notify.units() as uow:
        row = uow.session.execute(select(deliveries)).one()
    assert (row.state, row.content, row.attempts) == ("sent", None, 0)


def test_the_contacts_and_keys_of_a_batch_are_read_once(notify: ServiceUnderTest, sms: FakeGateway) -> None:
    notify.hear(registered(notify))
    batch = [
        delivery(about_dossier(notify, kind), notify.clock.now)
        for kind in (DossierSubmitted, DossierAccepted)
        for _ in range(5)
    ]
    read: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        read.extend(table for table in ("FROM contacts", "FROM data_keys") if table in statement)

    database_event.listen(notify.units.engine, "before_cursor_execute", note)
    notify.consumer.handle(batch)
    assert sorted(read) == ["FROM contacts", "FROM data_keys"]
    assert len(inbox(notify)["items"]) == 10


def test_an_account_and_its_dossier_in_one_batch_are_told(notify: ServiceUnderTest, sms: FakeGateway) -> None:
    heard = [registered(notify), about_dossier(notify, DossierSubmitted)]
    notify.consumer.handle([delivery(one, notify.clock.now) for one in heard])
    notify.tick("send-sms")
    assert len(sms.texts_to(PHONE)) == 1
