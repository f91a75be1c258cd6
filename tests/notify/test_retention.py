"""What an open door of an agency has not brought yet is kept, however old it is."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from chassis.testing import ServiceUnderTest
from services.notify.commands import webhooks as hooks
from services.notify.tables import agencies, agency_log, webhooks
from tests.notify.fake_bus import FakeBus
from tests.notify.test_agency_log import connect, serve
from tests.notify.test_pulling import KEPT, submit
from tests.notify.test_replays import positions, replay


def set_webhook(sut: ServiceUnderTest, agency: str, position: int) -> None:
    with sut.units() as uow:
        hooks.put(uow, agency, "https://hooks.example.vn/", private_allowed=False)
        mine = update(webhooks).where(webhooks.c.agency == agency)
        uow.session.execute(mine.values(position=position))


def prune_all_that_is_past(sut: ServiceUnderTest) -> None:
    sut.clock.move(KEPT + timedelta(seconds=1))
    for _ in range(20):
        if not sut.tick("prune-agency-log"):
            return
    pytest.fail("it prunes without end")


def kept(sut: ServiceUnderTest, agency: str = "H01") -> list[int]:
    with sut.units() as uow:
        mine = select(agency_log.c.position).where(agency_log.c.agency == agency)
        return list(uow.session.scalars(mine.order_by(agency_log.c.position)))


def test_what_a_queue_lacks_is_kept_and_comes_once_the_broker_is_back(
    notify: ServiceUnderTest, bus: FakeBus
) -> None:
    submit(notify, 2)
    connect(notify, "H01")
    serve(notify)
    bus.away.add("H01")
    submit(notify, 3, first=3)
    prune_all_that_is_past(notify)
    assert kept(notify) == [3, 4, 5]
    bus.away.clear()
    notify.clock.move(timedelta(minutes=5))
    serve(notify)
    assert positions(bus) == [1, 2, 3, 4, 5]
    prune_all_that_is_past(notify)
    assert kept(notify) == []


def test_what_an_enabled_webhook_lacks_is_kept_and_a_disabled_one_keeps_nothing(
    notify: ServiceUnderTest, bus: FakeBus
) -> None:
    submit(notify, 4)
    set_webhook(notify, "H01", position=1)
    prune_all_that_is_past(notify)
    assert kept(notify) == [2, 3, 4]
    with notify.units() as uow:
        uow.session.execute(update(webhooks).values(state="disabled"))
    prune_all_that_is_past(notify)
    assert kept(notify) == []


def test_of_two_doors_the_one_that_is_further_behind_counts(notify: ServiceUnderTest, bus: FakeBus) -> None:
    submit(notify, 4)
    connect(notify, "H01")
    serve(notify)
    set_webhook(notify, "H01", position=3)
    prune_all_that_is_past(notify)
    assert kept(notify) == [4]


def test_what_is_to_come_again_is_kept_until_it_has_come(notify: ServiceUnderTest, bus: FakeBus) -> None:
    submit(notify, 3)
    connect(notify, "H01")
    serve(notify)
    assert replay(notify).status_code == 202
    prune_all_that_is_past(notify)
    assert kept(notify) == [1, 2, 3]
    serve(notify)
    assert positions(bus) == [1, 2, 3, 1, 2, 3]
    prune_all_that_is_past(notify)
    assert kept(notify) == []


def test_an_agency_that_is_behind_holds_up_the_forgetting_of_no_other(
    notify: ServiceUnderTest, bus: FakeBus
) -> None:
    submit(notify, 2)
    set_webhook(notify, "H01", position=0)
    notify.clock.move(timedelta(seconds=1))
    submit(notify, 2, agency="H55.242")
    prune_all_that_is_past(notify)
    assert (kept(notify), kept(notify, "H55.242")) == ([1, 2], [])
    with notify.units() as uow:
        rows = uow.session.execute(select(agencies.c.code, agencies.c.pruned_position)).all()
    assert {row.code: row.pruned_position for row in rows} == {"H01": 0, "H55.242": 2}
