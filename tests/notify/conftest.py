from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chassis.testing import ServiceUnderTest
from services.notify.adapters import Ports
from services.notify.adapters.mail import MailGateway
from services.notify.adapters.sms import SmsGateway
from tests.notify import fake_gateway
from tests.notify.builders import registered
from tests.notify.fake_bus import FakeBus
from tests.notify.fake_gateway import FakeGateway

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TIME_LIMIT = 0.5


@pytest.fixture
def sms() -> Iterator[FakeGateway]:
    with fake_gateway.running() as gateway:
        yield gateway


@pytest.fixture
def mail() -> Iterator[FakeGateway]:
    with fake_gateway.running() as gateway:
        yield gateway


@pytest.fixture
def notify(postgres_url: str, sms: FakeGateway, mail: FakeGateway) -> Iterator[ServiceUnderTest]:
    ports = Ports(sms=SmsGateway(sms.url, TIME_LIMIT), mail=MailGateway(mail.url, TIME_LIMIT))
    with ServiceUnderTest.started("notify", postgres_url, ports=ports, at=MONDAY) as sut:
        yield sut


@pytest.fixture
def bus(notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> FakeBus:
    """The agencies' exchange; the applicant of the builders is known."""
    fake = FakeBus()
    monkeypatch.setattr(notify.units, "ports", Ports(agencies=fake))  # type: ignore[arg-type]
    notify.hear(registered(notify))
    return fake
