"""What a person sees of their own dossiers, without JavaScript."""

import re
from html import unescape

import pytest

from gateway.pages import account_due
from tests.gateway.fake_portal import AN, NGOC, NOW, OFFICIAL, World, iso, portal
from tests.gateway.test_form import hidden


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(account_due, "now", lambda: NOW)
    return World()


@pytest.fixture
def browser(world):
    client = portal(world).test_client()
    world.log_in(client, AN)
    return client


def closed(world, outcome="handed-over", status=10):
    return world.sent(status=status, closed={"outcome": outcome, "at": iso(NOW)})


def test_the_doors_count_and_lead_to_what_they_count(world, browser):
    world.sent()
    world.sent(status=9)
    page = browser.get("/tai-khoan").text
    assert 'Đang xử lý<span class="away">: 1</span>' in page
    listed = browser.get("/tai-khoan?loc=completed").text
    assert "H01-261123-0002" in listed
    assert "H01-261123-0001" not in listed


def test_drafts_are_offered_to_go_on_with_and_are_not_in_the_list(world, browser):
    draft = world.draft()
    page = browser.get("/tai-khoan").text
    assert f"/ho-so/nhap/{draft['id']}/buoc/1" in page
    assert "/ho-so/None" not in page


def test_many_newer_drafts_do_not_hide_a_dossier_that_was_sent(world, browser):
    code = world.sent()["code"]
    for _ in range(25):
        world.draft()
    page = browser.get("/tai-khoan").text
    assert f"/ho-so/{code}" in page
    assert "Chưa có hồ sơ nào ở đây" not in page


def test_every_draft_is_reached_page_by_page(world, browser):
    wanted = {world.draft()["id"] for _ in range(25)}
    page, found = browser.get("/tai-khoan").text, set()
    onward = link(page, "Xem tất cả 25 bản nháp")
    while onward:
        page = browser.get(onward).text
        found |= set(re.findall(r"/ho-so/nhap/([0-9a-f-]+)/buoc/1", page))
        onward = link(page, "Trang sau")
    assert found == wanted


def link(page, words):
    """Where the link that begins with these words leads; "" when there is none."""
    found = re.search(rf'<a [^>]*href="([^"]+)"[^>]*>{words}', page)
    return unescape(found[1]) if found else ""


def test_an_empty_account_says_how_to_begin(browser):
    assert "Bạn chưa nộp hồ sơ nào" in browser.get("/tai-khoan").text


def test_a_dossier_is_found_by_its_code_however_it_is_typed(world, browser):
    world.sent()
    assert browser.get("/tai-khoan?ma=h01-261123-0001 ").location == "/ho-so/H01-261123-0001"


@pytest.mark.parametrize(("typed", "status"), [("123", 422), ("H01-261123-0099", 404)])
def test_a_code_that_finds_nothing_is_told_beside_the_field(browser, typed, status):
    answer = browser.get(f"/tai-khoan?ma={typed}")
    assert answer.status_code == status
    assert 'id="ma-error"' in answer.text


def test_long_lists_come_in_pages(world, browser):
    for _ in range(21):
        world.sent()
    first = browser.get("/tai-khoan").text
    assert "cursor=20" in first
    assert "H01-261123-0001" in browser.get("/tai-khoan?cursor=20").text


def test_a_dossier_says_when_the_answer_is_due_and_after_acceptance_the_result(world, browser):
    dossier = world.sent()
    assert "trả lời tiếp nhận trước 10:00, thứ Tư 25/11/2026" in browser.get(f"/ho-so/{dossier['code']}").text
    dossier.update(status=2, due_at="2026-11-27T10:00:00+00:00")
    assert "Hẹn trả: thứ Sáu 27/11/2026, còn 3 ngày làm việc" in browser.get(f"/ho-so/{dossier['code']}").text


def test_the_timeline_says_who_and_why(world, browser):
    dossier = world.sent()
    world.enter(dossier, 3, "H01", "Giấy chứng sinh bị mờ.")
    dossier["closed"] = {"outcome": "refused", "at": iso(NOW)}
    page = browser.get(f"/ho-so/{dossier['code']}").text
    assert page.count("Giấy chứng sinh bị mờ.") == 2
    assert "UBND phường Cửa Nam, Hà Nội" in page
    assert "/ho-so/moi?procedure=1.001193" in page
    assert "danh-gia" in page


def test_another_persons_dossier_is_not_there(world, browser):
    assert browser.get(f"/ho-so/{world.sent(owner=NGOC)['code']}").status_code == 404


def test_a_code_that_cannot_be_is_not_there(browser):
    assert browser.get("/ho-so/H01-261199-0001").status_code == 404


def test_papers_open_as_downloads(world, browser):
    dossier = world.sent()
    dossier["files"].append(
        {"id": "0190f1c0-0000-7000-8000-0000000000f1", "document": "birth", "name": "a.pdf", "size": 4}
    )
    answer = browser.get(f"/ho-so/{dossier['code']}/tep/0190f1c0-0000-7000-8000-0000000000f1")
    assert answer.data == b"%PDF"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"


def test_withdrawing_asks_first_and_takes_no_reason_for_an_answer(world, browser):
    dossier = world.sent()
    address = f"/ho-so/{dossier['code']}/rut"
    page = browser.get(address).text
    assert dossier["status"] == 1
    assert browser.post(address, data=hidden(page)).location == f"/ho-so/{dossier['code']}"
    assert dossier["status"] == 7
    assert "Đã gửi yêu cầu rút hồ sơ" in browser.get(f"/ho-so/{dossier['code']}").text


def test_what_cannot_be_withdrawn_any_more_says_so(world, browser):
    dossier = world.sent(status=9)
    assert browser.get(f"/ho-so/{dossier['code']}/rut").location == f"/ho-so/{dossier['code']}"
    assert "không rút được nữa" in browser.get(f"/ho-so/{dossier['code']}").text


RATING = {
    "total_time": 2,
    "agency_time": 1,
    "contacts": 2,
    "agencies_visited": 2,
    "attitude": 2,
    "satisfaction": 4,
}


def test_a_closed_dossier_is_rated_once(world, browser):
    address = f"/ho-so/{closed(world)['code']}/danh-gia"
    posted = {**hidden(browser.get(address).text), **RATING, "comment": " Tốt "}
    assert browser.post(address, data=posted).status_code == 303
    (rating,) = world.ratings
    assert rating["satisfaction"] == 4
    assert rating["scores"]["total_time"] == 2
    assert rating["comment"] == "Tốt"
    answer = browser.post(address, data=posted, follow_redirects=True)
    assert "đã được đánh giá" in answer.text
    assert len(world.ratings) == 1


def test_a_rating_with_a_gap_names_it_and_keeps_the_rest(world, browser):
    address = f"/ho-so/{closed(world, 'refused', 3)['code']}/danh-gia"
    posted = {**hidden(browser.get(address).text), **RATING, "attitude": "9"}
    answer = browser.post(address, data=posted)
    assert answer.status_code == 422
    assert 'href="#attitude"' in answer.text
    assert answer.text.count(" checked") == 5
    assert world.ratings == []


def test_an_open_dossier_cannot_be_rated(world, browser):
    dossier = world.sent()
    assert browser.get(f"/ho-so/{dossier['code']}/danh-gia").location == f"/ho-so/{dossier['code']}"


def news(world, **changes):
    row = {
        "id": "0190f1c0-0000-7000-8000-0000000000e1",
        "owner": AN["account_id"],
        "title": "Hồ sơ được tiếp nhận",
        "text": "Hồ sơ H01-261123-0001 đã được tiếp nhận.",
        "dossier": "H01-261123-0001",
        "at": iso(NOW),
        "read": False,
    }
    world.notifications.append(row | changes)


def test_notifications_are_counted_at_the_bell_and_marked_read(world, browser):
    news(world)
    page = browser.get("/thong-bao").text
    assert "1 thông báo chưa đọc" in page
    posted = {**hidden(page), "id": world.notifications[0]["id"], "open": "H01-261123-0001"}
    assert browser.post("/thong-bao", data=posted).location == "/ho-so/H01-261123-0001"
    assert world.notifications[0]["read"]
    assert "Bạn đã đọc hết" in browser.get("/thong-bao").text


def test_officials_have_no_account_page(world):
    official = portal(world).test_client()
    world.log_in(official, OFFICIAL)
    assert official.get("/tai-khoan").status_code == 403


def test_everything_reads_in_english_too(world, browser):
    dossier = world.sent(status=2, due_at="2026-11-27T10:00:00+00:00")
    browser.set_cookie("lang", "en")
    page = browser.get(f"/ho-so/{dossier['code']}").text
    assert "Due Friday 27 November 2026, 3 working days left" in page
    assert "Birth registration" in page
