"""The portal's API through the SDK, against a portal that misbehaves on purpose."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from motcua_agency import AwayError, DamagedFileError, ProblemError, Replay, RestClient
from tests.sdk.fake_portal import CLIENT, CODE, CONTENT, EVENTS, FILE_ID, FakePortal, fake_portal


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePortal]:
    monkeypatch.setattr("motcua_agency.backoff.random.uniform", lambda _low, _high: 0.02)
    with fake_portal() as made:
        yield made


@pytest.fixture
def client(portal: FakePortal) -> Iterator[RestClient]:
    with RestClient(portal.url, *CLIENT) as made:
        yield made


def test_one_token_serves_many_calls(portal: FakePortal, client: RestClient) -> None:
    for _ in range(3):
        client.dossier(CODE)
    assert len(portal.to("/token")) == 1


def test_a_token_is_renewed_before_it_ends(portal: FakePortal, client: RestClient) -> None:
    portal.expires_in = 31
    client.dossier(CODE)
    time.sleep(1.1)
    client.dossier(CODE)
    assert len(portal.to("/token")) == 2
    assert all(one.headers["Authorization"].startswith("Bearer token-") for one in portal.to(CODE))


def test_a_token_taken_back_is_renewed_once(portal: FakePortal, client: RestClient) -> None:
    client.dossier(CODE)
    portal.valid = set()
    assert client.dossier(CODE).code == CODE
    assert len(portal.to("/token")) == 2


def test_wrong_credentials_are_a_problem_with_the_code_of_oauth(portal: FakePortal) -> None:
    with RestClient(portal.url, "client-1", "wrong") as client, pytest.raises(ProblemError) as problem:
        client.dossier(CODE)
    assert (problem.value.status, problem.value.code) == (401, "invalid_client")
    assert len(portal.asked) == 1


def test_a_dossier_is_typed_and_keeps_everything(client: RestClient) -> None:
    dossier = client.dossier(CODE)
    assert (dossier.code, dossier.status, dossier.version, dossier.actions) == (CODE, 1, 2, ["accept"])
    assert dossier.files[0].size == len(CONTENT)
    assert dossier.data["form"] == {"a": 1}


def test_a_list_is_followed_to_its_end(portal: FakePortal, client: RestClient) -> None:
    codes = [dossier.code for dossier in client.dossiers(status=[1, 2], overdue=True)]
    assert codes == [f"H01-261122-000{number}" for number in range(1, 7)]
    first = portal.to("/desk/dossiers")[0].query
    assert (first["status"], first["overdue"], first["limit"]) == (["1", "2"], ["true"], ["100"])


def test_a_refusal_has_its_stable_code_and_is_not_tried_again(portal: FakePortal, client: RestClient) -> None:
    with pytest.raises(ProblemError) as problem:
        client.dossier("H01-261122-9999")
    assert (problem.value.status, problem.value.code) == (404, "dossier-not-found")
    assert problem.value.request_id == "r-1"
    assert len(portal.to("9999")) == 1


@pytest.mark.parametrize("status", [0, 429, 502, 503, 504])
def test_a_portal_that_is_away_or_busy_is_asked_again(
    portal: FakePortal, client: RestClient, status: int
) -> None:
    portal.faults = [(CODE, status, {})] * 3
    assert client.dossier(CODE).code == CODE
    assert len(portal.to(CODE)) == 4


def test_it_waits_as_long_as_the_portal_asks(portal: FakePortal, client: RestClient) -> None:
    portal.faults = [(CODE, 429, {"Retry-After": "1"})]
    began = time.monotonic()
    client.dossier(CODE)
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("status", [0, 503])
def test_a_portal_that_stays_away_is_away(portal: FakePortal, client: RestClient, status: int) -> None:
    portal.faults = [(CODE, status, {})] * 9
    with pytest.raises(AwayError):
        client.dossier(CODE)
    assert len(portal.to(CODE)) == 5


def test_an_answer_that_is_none_of_the_portals_is_a_problem(portal: FakePortal, client: RestClient) -> None:
    portal.faults = [(CODE, 200, {}), (CODE, 302, {"Location": "http://127.0.0.1:1/"})]
    for _ in range(2):
        with pytest.raises(ProblemError) as problem:
            client.dossier(CODE)
        assert problem.value.code == "unexpected-answer"


def test_a_decision_goes_out_with_its_id_and_the_version_it_was_made_on(
    portal: FakePortal, client: RestClient
) -> None:
    assert client.decide(CODE, "refuse", 2, "Thiếu giấy tờ").version == 3
    (sent,) = portal.to("/decisions")
    assert sent.headers["If-Match"] == '"2"'
    assert (sent.json["action"], sent.json["reason"]) == ("refuse", "Thiếu giấy tờ")
    assert UUID(sent.json["decision_id"]).version == 5


def test_a_decision_whose_answer_was_lost_is_sent_again_under_its_id(
    portal: FakePortal, client: RestClient
) -> None:
    portal.faults = [("/decisions", 0, {}), ("/decisions", 502, {})]
    client.decide(CODE, "accept", 2)
    sent = portal.to("/decisions")
    assert len(sent) == 3
    assert len({one.json["decision_id"] for one in sent}) == 1


def test_a_decision_on_an_old_version_is_a_problem(client: RestClient) -> None:
    with pytest.raises(ProblemError) as problem:
        client.decide(CODE, "accept", 1)
    assert (problem.value.status, problem.value.code) == (409, "changed-meanwhile")


def test_a_file_is_saved_whole_under_the_name_we_chose(
    portal: FakePortal, client: RestClient, tmp_path: Path
) -> None:
    saved = client.download(CODE, FILE_ID, tmp_path / "paper.pdf")
    assert saved.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [saved]


def test_a_file_asked_for_with_a_token_taken_back_comes_with_the_next(
    portal: FakePortal, client: RestClient, tmp_path: Path
) -> None:
    file = client.dossier(CODE).files[0]
    portal.faults = [(FILE_ID, 401, {}), (FILE_ID, 503, {})]
    assert client.download(CODE, file, tmp_path / "paper.pdf").read_bytes() == CONTENT
    assert len(portal.to("/token")) == 2


def test_a_file_cut_off_is_asked_for_again(portal: FakePortal, client: RestClient, tmp_path: Path) -> None:
    portal.cut_after = 1000
    file = client.dossier(CODE).files[0]
    assert client.download(CODE, file, tmp_path / "paper.pdf").read_bytes() == CONTENT
    assert len(portal.to(FILE_ID)) == 2


def test_a_file_that_is_not_what_the_dossier_says_leaves_nothing(
    portal: FakePortal, client: RestClient, tmp_path: Path
) -> None:
    before = tmp_path / "paper.pdf"
    before.write_text("what was there")
    portal.content = CONTENT[:-1] + b"!"
    with pytest.raises(DamagedFileError):
        client.download(CODE, FILE_ID, before)
    assert before.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [before]


def test_a_file_the_dossier_has_not_is_not_asked_for(
    portal: FakePortal, client: RestClient, tmp_path: Path
) -> None:
    with pytest.raises(LookupError):
        client.download(CODE, "nothing", tmp_path / "paper.pdf")


def test_events_come_page_by_page_with_the_cursor_to_keep(portal: FakePortal, client: RestClient) -> None:
    got = list(client.events())
    assert [event.position for event, _ in got] == [1, 2, 3, 4, 5]
    assert [cursor for _, cursor in got] == [None, "c2", "c2", "c4", "c5"]
    assert list(client.events(after=got[-1][1])) == []


@pytest.mark.parametrize("stop", range(1, 6))
def test_a_crash_after_any_event_misses_none(client: RestClient, stop: int) -> None:
    events = client.events()
    handled = [next(events) for _ in range(stop)]
    again = [event.position for event, _ in client.events(after=handled[-1][1])]
    assert {event.position for event, _ in handled} | set(again) == {event["position"] for event in EVENTS}


def test_a_cursor_too_old_is_a_problem_with_its_code(client: RestClient) -> None:
    with pytest.raises(ProblemError) as problem:
        next(client.events(after="old"))
    assert (problem.value.status, problem.value.code) == (410, "cursor-too-old")


def test_a_replay_says_from_where_to_where(portal: FakePortal, client: RestClient) -> None:
    assert client.replay("amqp", "c2") == Replay("amqp", 3, 9)
    assert portal.to("/replays")[0].json == {"door": "amqp", "after": "c2"}
