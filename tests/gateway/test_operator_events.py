"""The operators' page of events, without JavaScript."""

import re

import pytest

from tests.gateway.fake_operations import doors, operations, parked
from tests.gateway.fake_portal import AN, OFFICIAL, World, portal
from tests.gateway.test_form import hidden
from tests.gateway.test_form_entry import OPERATOR

PAGE = "/van-hanh/su-kien"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def come(world):
    def browser(person):
        app = portal(world)
        operations(app.extensions["motcua"].services.application, world)
        client = app.test_client()
        world.log_in(client, person)
        return client

    return browser


@pytest.fixture
def browser(come):
    return come(OPERATOR)


def tags(page):
    """The state of each part, in the order of the page."""
    return re.findall(r'<h2 id="(\w+)-name">.*?<span class="tag (\w+)">', page, re.DOTALL)


def test_when_all_flows_every_part_says_so(browser):
    page = browser.get(PAGE).text
    assert dict(tags(page)) == dict.fromkeys(["identity", "catalog", "dossier", "notify", "feedback"], "ok")
    assert page.count("Đã gửi hết") == 5
    assert 'href="/van-hanh/su-kien"' in browser.get("/van-hanh").text


def test_what_waits_is_said_with_how_long_and_who_is_being_filled(browser, world):
    filling = {"queue": "notify.events", "type": "a", "state": "filling", "handled": 1, "filled": 12}
    live = filling | {"queue": "feedback.events", "state": "live", "filled": None}
    world.events["dossier"] = {"subscriptions": [filling, live]}
    world.events["identity"] = {"unsent": 3, "oldest_unsent_seconds": 400.0}
    page = browser.get(PAGE).text
    assert dict(tags(page))["dossier"] == dict(tags(page))["identity"] == "wait"
    assert "Còn 3 chưa gửi, cái cũ nhất chờ 7 phút" in page
    assert "đã tới vị trí 12 trên 300" in page
    assert "Nhận ngay, 1 loại sự kiện" in page


@pytest.mark.parametrize(
    ("seconds", "words"), [(41, "41 giây"), (119, "119 giây"), (7200, "2 giờ"), (200000, "2 ngày")]
)
def test_a_wait_is_told_in_a_unit_that_can_be_read(browser, world, seconds, words):
    world.events["catalog"] = {"unsent": 1, "oldest_unsent_seconds": seconds}
    assert f"chờ {words}" in browser.get(PAGE).text


def test_what_was_put_aside_is_listed_with_its_reason_as_text(browser, world):
    first = parked()
    behind = parked(sequence=2, behind=first["event_id"], error=None, attempts=0)
    world.parked["notify"] = [first, behind, parked("H02-1", next_try_at=None, attempts=20)]
    page = browser.get(PAGE).text
    assert dict(tags(page))["notify"] == "stop"
    assert "ValueError: &lt;b&gt;no&lt;/b&gt; name" in page
    for words in ("Đã thử 3 lần", "Chờ sự kiện trước", "Thôi thử sau 20 lần", "Gác lại: 3"):
        assert words in page, words
    assert page.count('name="event_id"') == 2, "what waits behind another is tried after it"


def test_one_is_tried_again_and_told(browser, world):
    world.parked["notify"] = [parked(), parked("H02-1", event_id="0190f1c0-0000-7000-8000-0000000000bb")]
    one = hidden(browser.get(PAGE).text.split('name="event_id"')[0].rsplit("<form", 1)[1])
    done = browser.post(f"{PAGE}/notify/thu-lai", data=one | {"event_id": parked()["event_id"]})
    assert done.location == f"{PAGE}#notify"
    assert [left["subject"] for left in world.parked["notify"]] == ["H02-1"]
    assert "Đã xếp 1 sự kiện" in browser.get(PAGE).text


def test_all_of_a_part_are_tried_again(browser, world):
    world.parked["notify"] = [parked(), parked("H02-1")]
    browser.post(f"{PAGE}/notify/thu-lai", data=token(browser))
    assert world.parked["notify"] == []


def test_what_was_handled_meanwhile_is_told_in_the_services_words(browser, world):
    gone = token(browser) | {"event_id": parked()["event_id"]}
    browser.post(f"{PAGE}/notify/thu-lai", data=gone)
    assert "không còn bị giữ lại" in browser.get(PAGE).text


def test_a_long_list_goes_on_page_by_page(browser, world):
    world.parked["notify"] = [parked(f"H{n}") for n in range(15)]
    page = browser.get(PAGE).text
    assert "H9 #1" in page
    assert "H10 #1" not in page
    (link,) = re.findall(r'href="(/van-hanh/su-kien\?notify=[^"]*)" rel="next"', page)
    assert "H14 #1" in browser.get(link).text


def test_a_part_that_is_away_does_not_hide_the_others(browser, world):
    world.away.add("dossier")
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    assert dict(tags(answer.text))["dossier"] == "stop"
    assert dict(tags(answer.text))["notify"] == "ok"


def test_a_form_without_its_token_changes_nothing(browser, world):
    world.parked["notify"] = [parked()]
    assert browser.post(f"{PAGE}/notify/thu-lai", data={}).status_code in {400, 403}
    assert len(world.parked["notify"]) == 1


@pytest.mark.parametrize("person", [AN, OFFICIAL])
def test_it_is_for_operators_only(come, world, person):
    world.parked["notify"] = [parked()]
    other = come(person)
    assert other.get(PAGE).status_code == 403
    assert other.post(f"{PAGE}/notify/thu-lai", data=token(other)).status_code == 403
    assert len(world.parked["notify"]) == 1


def test_there_are_no_other_services(browser):
    assert browser.post(f"{PAGE}/elsewhere/thu-lai", data=token(browser)).status_code == 404


def token(browser):
    return {"csrf": hidden(browser.get("/").text.split("/dang-xuat")[1])["csrf"]}


def test_agencies_doors_say_what_they_lack_and_have_the_past_sent_again(browser, world):
    world.agencies = [doors(), doors("H02", position=120, behind=180), doors("H03", enabled=False)]
    page = browser.get(PAGE).text
    for words in ("Đã nhận đủ", "Còn thiếu 180", "Đang tắt", "đến vị trí 120"):
        assert words in page, words
    assert page.count('name="position"') == 2, "what is disabled is enabled first"
    asked = token(browser) | {"agency": "H02", "door": "amqp"}
    browser.post(f"{PAGE}/gui-lai", data=asked | {"position": "100"})
    assert "từ vị trí 100, rồi" in browser.get(PAGE).text
    browser.post(f"{PAGE}/gui-lai", data=asked)
    assert [one["position"] for one in world.replays] == [99, None]


@pytest.mark.parametrize("typed", ["x", "-1", "1e3", "9" * 30, "²"])
def test_a_position_that_is_no_number_sends_nothing(browser, world, typed):
    world.agencies = [doors()]
    asked = token(browser) | {"agency": "H01", "door": "amqp", "position": typed}
    browser.post(f"{PAGE}/gui-lai", data=asked)
    assert "Vị trí là một số" in browser.get(PAGE).text
    assert world.replays == []


def test_a_refused_replay_is_told_in_the_services_words(browser):
    browser.post(f"{PAGE}/gui-lai", data=token(browser) | {"agency": "H99", "door": "amqp"})
    page = browser.get(PAGE).text
    assert "Chưa có cơ quan này" in page
    assert 'class="notice stop" role="alert"' in page
