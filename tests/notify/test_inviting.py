"""The link of an invitation reaches the invited, in time or not at all, and is kept nowhere."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from chassis.tables import data_keys
from chassis.testing import ServiceUnderTest
from contracts.catalog import AgencyPublished
from contracts.event import Name
from contracts.identity import OfficialInvited
from services.notify.tables import deliveries
from tests.notify.builders import EMAIL, PHONE
from tests.notify.fake_gateway import FakeGateway

LINK = "https://portal.example/loi-moi?ma=secret-secret"


def invited(sut: ServiceUnderTest, **changes: Any) -> OfficialInvited:
    channel = changes.get("channel", "sms")
    values: dict[str, Any] = {
        "invitation": uuid4(),
        "invited_to": "H01",
        "channel": "sms",
        "to": sut.sealed(PHONE if channel == "sms" else EMAIL, "notify"),
        "link": sut.sealed(LINK, "notify"),
        "language": "vi",
        "expires_at": sut.clock.now + timedelta(days=7),
    }
    return OfficialInvited(**(values | changes))


def test_an_invitation_goes_by_sms(notify: ServiceUnderTest, sms: FakeGateway) -> None:
    notify.hear(invited(notify))
    notify.tick("send-sms")
    (text,) = sms.texts_to(PHONE)
    assert text.startswith("H01 mời bạn làm cán bộ")
    assert text.endswith(f"trước 09:00 ngày 30/11/2026: {LINK}")


def test_an_invitation_goes_by_email_with_the_agencys_name(
    notify: ServiceUnderTest, mail: FakeGateway
) -> None:
    name = Name("UBND phường Cửa Nam", "Cua Nam Ward People's Committee")
    notify.hear(AgencyPublished(code="H01", name=name, level="commune"))
    notify.hear(invited(notify, channel="mail", language="en"))
    notify.tick("send-mail")
    (letter,) = mail.messages.values()
    assert (letter["to"], LINK in letter["text"]) == (EMAIL, True)
    assert letter["subject"] == f"An invitation to work for {name.en} at the public service portal"


@pytest.mark.parametrize("late", [False, True])
def test_the_link_is_kept_nowhere_once_it_was_sent_or_came_too_late(
    notify: ServiceUnderTest, sms: FakeGateway, late: bool
) -> None:
    notify.hear(invited(notify))
    if late:
        notify.clock.move(timedelta(days=8))
        notify.tick("expire-codes")
    else:
        notify.tick("send-sms")
    assert len(sms.texts_to(PHONE)) == (not late)
    with notify.units() as uow:
        (row,) = uow.session.execute(select(deliveries))
        assert (row.state, row.content) == ("expired" if late else "sent", None)
        assert uow.session.execute(select(data_keys)).all() == []
