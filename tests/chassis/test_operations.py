"""The API behind the operators' page, the same at every service."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from chassis.db import new_id
from chassis.tables import outbox, parking, subscriptions
from chassis.testing import ServiceUnderTest
from contracts.catalog import AgencyPublished
from contracts.event import Name
from services.notify.adapters import Ports

AT = "/api/v1/notify-operations"


@pytest.fixture
def notify(postgres_url: str) -> Iterator[ServiceUnderTest]:
    with ServiceUnderTest.started("notify", postgres_url, ports=Ports(), at=datetime.now(UTC)) as sut:
        yield sut


def park(sut: ServiceUnderTest, subject: str, sequence: int = 1, given_up: bool = False) -> UUID:
    id = new_id()
    row = {"event_id": id, "handler": "name_agency", "subject": subject, "sequence": sequence}
    row |= {"type": AgencyPublished.type, "body": "{}", "error": "ValueError: no", "attempts": 20}
    with sut.units() as uow:
        row |= {"parked_at": uow.now(), "next_try_at": None if given_up else uow.now()}
        uow.session.execute(insert(parking).values(row))
    return id


def get(sut: ServiceUnderTest, path: str) -> Any:
    answer = sut.client.get(f"{AT}{path}", headers=sut.as_operator())
    assert answer.status_code == 200, answer.json
    return answer.json


def retry(sut: ServiceUnderTest, **body: str) -> tuple[int, Any]:
    answer = sut.client.post(f"{AT}/retries", json=body, headers=sut.as_operator())
    return answer.status_code, answer.json


def test_a_service_says_what_waits_what_was_put_aside_and_who_hears_it(notify: ServiceUnderTest) -> None:
    with notify.units() as uow:
        uow.emit(AgencyPublished(code="H01", name=Name("A", "A"), level="commune"))
        uow.session.execute(update(outbox).values(log_position=9, recorded_at=uow.now()))
        for queue, filled in (("a.events", None), ("b.events", 4)):
            row = {"queue": queue, "type": AgencyPublished.type, "handled": 3, "filled": filled}
            uow.session.execute(insert(subscriptions).values(row))
    park(notify, "H01")
    park(notify, "H02", given_up=True)
    said = get(notify, "/events")
    assert said.pop("oldest_unsent_seconds") < 30
    live, filling = said.pop("subscriptions")
    assert (live["state"], filling["state"], filling["filled"]) == ("live", "filling", 4)
    figures = {"unsent": 1, "last_position": 9, "parked": 2, "given_up": 1}
    assert said == {"service": "notify", **figures}


def test_the_parked_come_page_by_page_each_once(notify: ServiceUnderTest) -> None:
    ids = [str(park(notify, f"H{n:02}")) for n in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = get(notify, f"/parked-events?limit=2&cursor={cursor}")
        seen += [one["event_id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ids


def test_one_or_all_are_made_due(notify: ServiceUnderTest) -> None:
    first, second = park(notify, "H01", given_up=True), park(notify, "H02", given_up=True)
    assert retry(notify, event_id=str(first), handler="name_agency") == (202, {"due": 1})
    with notify.units() as uow:
        waiting = select(parking.c.event_id).where(parking.c.next_try_at.is_(None))
        assert list(uow.session.execute(waiting).scalars()) == [second]
    assert retry(notify) == (202, {"due": 2})


def test_what_is_not_parked_any_more_is_not_found_and_nonsense_is_refused(notify: ServiceUnderTest) -> None:
    status, problem = retry(notify, event_id=str(new_id()))
    assert (status, problem["code"]) == (404, "not-parked")
    assert retry(notify, event_id="x")[0] == 422
    bad = notify.client.get(f"{AT}/parked-events?cursor=x", headers=notify.as_operator())
    assert (bad.status_code, bad.json["code"]) == (400, "bad-cursor")  # type: ignore[index]


@pytest.mark.parametrize("kind", ["nobody", "citizen", "official", "agency"])
def test_it_is_for_operators_only(notify: ServiceUnderTest, kind: str) -> None:
    headers = {
        "nobody": {},
        "citizen": notify.as_citizen(),
        "official": notify.as_official("H01"),
        "agency": notify.as_agency("H01"),
    }[kind]
    id = park(notify, "H01", given_up=True)
    refused = 401 if kind == "nobody" else 403
    for path in ("/events", "/parked-events"):
        assert notify.client.get(f"{AT}{path}", headers=headers).status_code == refused
    answer = notify.client.post(f"{AT}/retries", json={"event_id": str(id)}, headers=headers)
    assert answer.status_code == refused
    assert get(notify, "/events")["given_up"] == 1
