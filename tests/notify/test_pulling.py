"""The pull door: an agency reads its log with a cursor, in order, without a gap."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from chassis import epoch, paging
from chassis.testing import ServiceUnderTest, delivery
from contracts.dossier import DossierAccepted, DossierRefused, DossierSubmitted
from services.notify.commands.agency_log import SKIPPED
from services.notify.tables import agencies, agency_log
from tests.notify.builders import about_dossier, registered

KEPT = timedelta(days=90)


@pytest.fixture
def sut(notify: ServiceUnderTest) -> ServiceUnderTest:
    notify.hear(registered(notify))
    return notify


def submit(sut: ServiceUnderTest, count: int, first: int = 1, agency: str = "H01") -> None:
    events = [
        about_dossier(sut, DossierSubmitted, agency=agency, code=f"{agency}-261123-{n:04d}")
        for n in range(first, first + count)
    ]
    sut.consumer.handle([delivery(event, sut.clock.now) for event in events])


def pull(sut: ServiceUnderTest, after: str | None = None, agency: str = "H01", **query: Any) -> TestResponse:
    given = {"after": after, **query} if after is not None else query
    with sut.app.test_client() as caller:
        return caller.get("/api/v1/agency/events", query_string=given, headers=sut.as_agency(agency))


def pulled(sut: ServiceUnderTest, after: str | None = None, **query: Any) -> tuple[list[int], str]:
    answer = pull(sut, after, **query)
    assert answer.status_code == 200, answer.text
    page: Any = answer.json
    return [event["position"] for event in page["events"]], page["next"]


def refusal(answer: TestResponse) -> tuple[int, str]:
    assert answer.json
    return answer.status_code, answer.json["code"]


def test_pages_follow_each_other_and_the_last_cursor_waits_for_what_comes(sut: ServiceUnderTest) -> None:
    submit(sut, 45)
    seen, cursor = pulled(sut)
    assert seen == list(range(1, 21)), "20 unless told"
    for expected in (range(21, 41), range(41, 46), range(0), range(0)):
        positions, cursor = pulled(sut, cursor)
        assert positions == list(expected)
    submit(sut, 1, first=46)
    assert pulled(sut, cursor)[0] == [46]
    assert pulled(sut, limit=100)[0] == list(range(1, 47))


def test_an_event_is_the_cloud_event_that_the_other_doors_bring(sut: ServiceUnderTest) -> None:
    sut.hear(about_dossier(sut, DossierRefused, reason=sut.sealed("Thiếu giấy", "notify")))
    page: Any = pull(sut).json
    (event,) = page["events"]
    with sut.units() as uow:
        assert event == uow.session.scalar(select(agency_log.c.event))
    assert (event["specversion"], event["type"]) == ("1.0", "motcua.dossier.refused.v1")
    assert "reason" not in event["data"]


def test_a_log_without_events_has_a_cursor_too(sut: ServiceUnderTest) -> None:
    positions, cursor = pulled(sut)
    assert positions == []
    submit(sut, 2)
    assert pulled(sut, cursor)[0] == [1, 2]


def test_an_agency_reads_its_own_log_only(sut: ServiceUnderTest) -> None:
    submit(sut, 2)
    submit(sut, 1, agency="H55.242")
    assert pulled(sut, agency="H55.242")[0] == [1]
    _, cursor = pulled(sut)
    assert refusal(pull(sut, cursor, agency="H55.242")) == (409, "cursor-of-another-epoch")
    assert pulled(sut, agency="H55.24")[0] == []


@pytest.mark.parametrize("kind", ["citizen", "business", "official", "operator"])
def test_nobody_but_an_agencys_client_pulls(sut: ServiceUnderTest, kind: str) -> None:
    headers = sut.headers(kind, None, agency="H01")
    assert sut.client.get("/api/v1/agency/events", headers=headers).status_code == 403
    assert sut.client.get("/api/v1/agency/events").status_code == 401


@pytest.mark.parametrize("cursor", ["x", "1", "WyJhIl0", "'; --", "\x00", "é", "W" * 5000])
def test_what_is_no_cursor_is_refused(sut: ServiceUnderTest, cursor: str) -> None:
    assert refusal(pull(sut, cursor)) == (400, "bad-cursor")


@pytest.mark.parametrize("position", ["-1", "1.5", "", "x", "9" * 19, "9" * 4000, "²"])
def test_a_forged_position_is_refused(sut: ServiceUnderTest, position: str) -> None:
    with sut.units() as uow:
        cursor = paging.cursor_of(epoch.current(uow.session), position)
    assert refusal(pull(sut, cursor)) == (400, "bad-cursor")


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1"])
def test_a_limit_is_1_to_100(sut: ServiceUnderTest, limit: str) -> None:
    assert pull(sut, limit=limit).status_code == 422


def test_after_a_restore_a_cursor_is_refused_and_one_begins_again(
    sut: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(sut, 3)
    _, cursor = pulled(sut)
    monkeypatch.setattr(epoch, "current", lambda _session: "another-life")
    assert refusal(pull(sut, cursor)) == (409, "cursor-of-another-epoch")
    positions, fresh = pulled(sut)
    assert positions == [1, 2, 3]
    assert pulled(sut, fresh)[0] == []


def test_after_a_restore_no_position_is_given_twice(
    sut: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A back office that drops positions it has must not drop what is new."""
    submit(sut, 3)
    monkeypatch.setattr(epoch, "current", lambda _session: "01234567")
    submit(sut, 2, first=4)
    assert pulled(sut)[0] == [1, 2, 3, SKIPPED + 4, SKIPPED + 5]


def test_a_cursor_ahead_of_the_log_is_of_another_epoch(sut: ServiceUnderTest) -> None:
    """Whatever the epoch says: a log that never was so long was restored."""
    with sut.units() as uow:
        cursor = paging.cursor_of(epoch.current(uow.session), "7")
    submit(sut, 6)
    assert refusal(pull(sut, cursor)) == (409, "cursor-of-another-epoch")


def test_old_events_are_pruned_and_positions_go_on(sut: ServiceUnderTest) -> None:
    submit(sut, 1200)
    _, early = pulled(sut, limit=1)
    sut.clock.move(KEPT / 2)
    submit(sut, 5, first=1201)
    _, late = pulled(sut, pulled(sut, early, limit=100)[1])
    sut.clock.move(KEPT / 2 + timedelta(seconds=1))
    while sut.tick("prune-agency-log"):
        pass
    assert refusal(pull(sut, early)) == (410, "cursor-too-old")
    assert refusal(pull(sut, late)) == (410, "cursor-too-old")
    positions, cursor = pulled(sut)
    assert positions == [1201, 1202, 1203, 1204, 1205]
    submit(sut, 1, first=1206)
    assert pulled(sut, cursor)[0] == [1206]
    with sut.units() as uow:
        row = uow.session.execute(select(agencies)).one()
        kept = uow.session.scalars(select(agency_log.c.position)).all()
    assert (row.pruned_position, row.last_position, len(kept)) == (1200, 1206, 6)


def test_a_log_pruned_to_its_end_goes_on_without_a_gap(sut: ServiceUnderTest) -> None:
    submit(sut, 3)
    _, cursor = pulled(sut)
    sut.clock.move(KEPT + timedelta(seconds=1))
    while sut.tick("prune-agency-log"):
        pass
    positions, fresh = pulled(sut)
    assert positions == []
    submit(sut, 1, first=4)
    assert pulled(sut, cursor)[0] == pulled(sut, fresh)[0] == [4], "nothing after it was lost"


def test_what_is_younger_is_kept(sut: ServiceUnderTest) -> None:
    submit(sut, 3)
    sut.clock.move(KEPT - timedelta(seconds=1))
    assert sut.tick("prune-agency-log") == 0
    assert pulled(sut)[0] == [1, 2, 3]


def test_pulling_while_others_write_and_prune_leaves_no_gap(sut: ServiceUnderTest) -> None:
    """Four writers at once; the reader never sees a position before the one below it."""
    submit(sut, 50)
    sut.clock.move(KEPT + timedelta(seconds=1))
    writers = [threading.Thread(target=submit, args=(sut, 60, 1000 * n)) for n in range(1, 5)]
    pruner = threading.Thread(target=sut.tick, args=("prune-agency-log",))
    for thread in (*writers, pruner):
        thread.start()
    seen: list[int] = []
    cursor = None
    while not seen or seen[-1] < 290:
        answer = pull(sut, cursor, limit=7)
        if answer.status_code == 410:
            assert refusal(answer)[1] == "cursor-too-old"
            seen, cursor = [], None
            continue
        page: Any = answer.json
        seen += [event["position"] for event in page["events"]]
        cursor = page["next"]
    for thread in (*writers, pruner):
        thread.join()
    assert seen == list(range(seen[0], 291))


def test_an_accepted_dossier_comes_after_its_submission(sut: ServiceUnderTest) -> None:
    sut.hear(about_dossier(sut, DossierSubmitted))
    sut.hear(about_dossier(sut, DossierAccepted, version=2))
    page: Any = pull(sut).json
    assert [event["type"].split(".")[2] for event in page["events"]] == ["submitted", "accepted"]
