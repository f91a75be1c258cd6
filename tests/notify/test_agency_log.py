from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from chassis.tables import inbox
from chassis.testing import ServiceUnderTest, delivery
from contracts.catalog import AgencyPublished
from contracts.dossier import (
    DOSSIER_EVENTS,
    DecisionApplied,
    DecisionRejected,
    DossierAccepted,
    DossierRefused,
    DossierSubmitted,
)
from contracts.event import Event, Name
from services.notify.commands import agency_log as log
from services.notify.commands import connecting
from services.notify.tables import agencies, agency_log
from tests.notify.builders import about_dossier
from tests.notify.fake_bus import FakeBus


def log_of(sut: ServiceUnderTest, agency: str) -> list[dict[str, Any]]:
    with sut.units() as uow:
        rows = select(agency_log).where(agency_log.c.agency == agency).order_by(agency_log.c.position)
        found = uow.session.execute(rows).all()
    assert [row.position for row in found] == [row.event["position"] for row in found]
    return [row.event for row in found]


def connect(sut: ServiceUnderTest, *codes: str) -> None:
    with sut.units() as uow:
        for code in codes:
            connecting.mark_connected(uow, code)


def serve(sut: ServiceUnderTest) -> None:
    while sut.tick("serve-agencies"):
        pass


@pytest.mark.usefixtures("bus")
def test_every_event_of_an_agency_gets_the_next_position_and_no_other_agencys(
    notify: ServiceUnderTest,
) -> None:
    for event in DOSSIER_EVENTS:
        notify.hear(about_dossier(notify, event))
        notify.hear(about_dossier(notify, event, agency="H55.242", code="H55.242-261123-0001"))
    answered = uuid4()
    notify.hear(DecisionApplied(decision_id=answered, agency="H01", code="H01-261123-0001", version=3))
    reason = Name("Sai trạng thái", "Wrong state")
    notify.hear(
        DecisionRejected(decision_id=answered, agency="H01", code="x", problem="wrong-state", detail=reason)
    )
    own = log_of(notify, "H01")
    assert [event["position"] for event in own] == list(range(1, len(DOSSIER_EVENTS) + 3))
    assert [event["type"] for event in own] == [
        *(event.type for event in DOSSIER_EVENTS),
        DecisionApplied.type,
        DecisionRejected.type,
    ]
    assert {event["data"]["agency"] for event in own} == {"H01"}
    assert len(log_of(notify, "H55.242")) == len(DOSSIER_EVENTS)


@pytest.mark.usefixtures("bus")
def test_what_is_sealed_for_us_is_left_out(notify: ServiceUnderTest) -> None:
    refused = about_dossier(notify, DossierRefused, reason=notify.sealed("Thiếu giấy chứng sinh", "notify"))
    notify.hear(refused)
    notify.hear(about_dossier(notify, DossierAccepted))
    for event in log_of(notify, "H01"):
        assert "reason" not in event["data"]
        assert (event["specversion"], event["subject"]) == ("1.0", "H01-261123-0001")


@pytest.mark.usefixtures("bus")
def test_one_event_heard_twice_takes_one_position_even_without_the_inbox(notify: ServiceUnderTest) -> None:
    heard = delivery(about_dossier(notify, DossierSubmitted), notify.clock.now)
    notify.consumer.handle([heard])
    with notify.units() as uow:
        uow.session.execute(delete(inbox))
    notify.consumer.handle([heard])
    notify.hear(about_dossier(notify, DossierAccepted))
    assert [event["position"] for event in log_of(notify, "H01")] == [1, 2]


def test_a_connected_agency_gets_history_and_then_what_is_new(notify: ServiceUnderTest, bus: FakeBus) -> None:
    notify.hear(about_dossier(notify, DossierSubmitted))
    serve(notify)
    assert bus.sent == [], "not connected yet"
    connect(notify, "H01")
    serve(notify)
    notify.hear(about_dossier(notify, DossierAccepted))
    serve(notify)
    assert [(entry.position, entry.key) for entry in bus.sent] == [
        (1, "H01.dossier.submitted"),
        (2, "H01.dossier.accepted"),
    ]
    assert b'"position":1' in bus.sent[0].body


def test_one_agency_without_a_queue_delays_no_other(notify: ServiceUnderTest, bus: FakeBus) -> None:
    notify.hear(about_dossier(notify, DossierSubmitted))
    notify.hear(about_dossier(notify, DossierSubmitted, agency="G01", code="G01-261123-0001"))
    connect(notify, "H01", "G01")
    bus.away = {"G01"}
    serve(notify)
    assert [entry.key for entry in bus.sent] == ["H01.dossier.submitted"]
    bus.away = set()
    notify.clock.move(timedelta(seconds=5))
    serve(notify)
    assert [entry.key for entry in bus.sent] == ["H01.dossier.submitted", "G01.dossier.submitted"]


def test_what_may_not_have_arrived_is_published_again_under_the_same_id(
    notify: ServiceUnderTest, bus: FakeBus
) -> None:
    notify.hear(about_dossier(notify, DossierSubmitted))
    connect(notify, "H01")
    bus.loses_answers = True
    serve(notify)
    bus.loses_answers = False
    notify.clock.move(timedelta(seconds=5))
    serve(notify)
    first, again = bus.sent
    assert first == again


def test_a_publisher_that_died_is_followed_by_another(notify: ServiceUnderTest, bus: FakeBus) -> None:
    notify.hear(about_dossier(notify, DossierSubmitted))
    connect(notify, "H01")
    with notify.units() as uow:
        assert log.claim(uow)
    serve(notify)
    assert bus.sent == [], "its lease still holds"
    notify.clock.move(log.LEASE)
    serve(notify)
    assert len(bus.sent) == 1


def test_a_queue_made_anew_meanwhile_gets_the_log_from_the_first_position(
    notify: ServiceUnderTest, bus: FakeBus
) -> None:
    """The publisher's word on how far the old queue was says nothing about the new one."""
    notify.hear(about_dossier(notify, DossierSubmitted))
    connect(notify, "H01")
    with notify.units() as uow:
        stretch = log.claim(uow)
    with notify.units() as uow:
        connecting.start_from_the_first(uow, "H01")
    connect(notify, "H01")
    assert stretch
    with notify.units() as uow:
        log.mark_published(uow, stretch)
    serve(notify)
    assert [entry.position for entry in bus.sent] == [1]


def test_a_long_log_is_published_in_stretches_in_order(notify: ServiceUnderTest, bus: FakeBus) -> None:
    deliveries = [
        delivery(about_dossier(notify, DossierSubmitted, code=f"H01-261123-{n:04d}"), notify.clock.now)
        for n in range(1, 451)
    ]
    notify.consumer.handle(deliveries)
    connect(notify, "H01")
    serve(notify)
    assert [entry.position for entry in bus.sent] == list(range(1, 451))


def test_an_agency_keeps_its_log_when_its_name_changes(notify: ServiceUnderTest, bus: FakeBus) -> None:
    notify.hear(about_dossier(notify, DossierSubmitted))
    notify.hear(AgencyPublished(code="H01", name=Name("UBND phường Cửa Nam", "Cua Nam"), level="commune"))
    with notify.units() as uow:
        row = uow.session.execute(select(agencies)).one()
    assert (row.name_vi, row.last_position) == ("UBND phường Cửa Nam", 1)


def test_an_agency_event_does_not_wait_for_the_applicants_contact(notify: ServiceUnderTest) -> None:
    event: Event = about_dossier(notify, DossierSubmitted, applicant=uuid4())
    with pytest.raises(AssertionError, match="NotYet"):
        notify.hear(event)
    assert len(log_of(notify, "H01")) == 1
