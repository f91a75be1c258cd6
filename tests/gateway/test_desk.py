"""The desk of an agency's officials, without JavaScript."""

import html
import re

import pytest

from gateway.pages import account_due
from tests.gateway.fake_portal import AN, NOW, OFFICIAL, World, portal
from tests.gateway.test_form import hidden


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(account_due, "now", lambda: NOW)
    return World()


@pytest.fixture
def desk(world):
    client = portal(world).test_client()
    world.log_in(client, OFFICIAL)
    return client


def at_desk(dossier, action=""):
    return f"/can-bo/ho-so/{dossier['code']}" + (f"/{action}" if action else "")


def test_the_queue_shows_how_the_time_goes_in_bar_and_words(world, desk):
    world.sent()
    world.sent(due_at="2026-11-20T10:00:00+00:00", status=2)
    world.sent(submitted_at="2026-11-18T00:00:00+00:00", due_at="2026-11-25T01:00:00+00:00", status=2)
    page = desk.get("/can-bo").text
    assert re.findall(r'class="clock (\w+)">.*?<span>(.*?)</span>', page) == [
        ("ok", "Còn thời gian"),
        ("stop", "Quá hạn"),
        ("wait", "Sắp đến hạn"),
    ]
    assert 'class="gone" width="100"' in page


def test_the_queue_is_filtered_by_status_and_by_lateness(world, desk):
    first, second = world.sent(), world.sent(due_at="2026-11-20T10:00:00+00:00", status=2)
    assert second["code"] not in desk.get("/can-bo?trang-thai=1").text
    late = desk.get("/can-bo?qua-han=1").text
    assert second["code"] in late
    assert first["code"] not in late
    assert desk.get("/can-bo?trang-thai=99").status_code == 200


def test_of_a_business_the_desk_shows_its_name_its_tax_code_and_who_represents_it(world, desk):
    human = {"full_name": "Trần Thị Bích Ngọc", "id_number": "079195000028", "date_of_birth": "1995-11-20"}
    business = {"full_name": "Công ty Cổ phần Gạo", "id_number": "0101040016", "phone": "0987000028"}
    page = html.unescape(desk.get(at_desk(world.sent(applicant=business | {"representative": human}))).text)
    for row in (
        "<dt>Doanh nghiệp</dt><dd>Công ty Cổ phần Gạo</dd>",
        '<dt>Mã số thuế</dt><dd class="number">0101040016</dd>',
        "<dt>Người đại diện theo pháp luật</dt><dd>Trần Thị Bích Ngọc</dd>",
        "<dt>Ngày sinh</dt><dd>20/11/1995</dd>",
    ):
        assert row in page


def test_only_what_the_workflow_allows_is_offered(world, desk):
    page = desk.get(at_desk(world.sent())).text
    assert "Tiếp nhận hồ sơ" in page
    assert "Từ chối tiếp nhận" in page
    assert "Trả kết quả" not in page


@pytest.mark.parametrize(("before", "action", "after"), [(1, "accept", 2), (2, "forward", 4)])
def test_no_decision_is_one_press_and_each_is_told(world, desk, before, action, after):
    dossier = world.sent(status=before)
    assert "<form" not in desk.get(at_desk(dossier)).text.split('<section class="card decide"')[1]
    page = desk.get(at_desk(dossier, action)).text
    assert "không hoàn tác" in page
    assert dossier["status"] == before
    assert desk.post(at_desk(dossier, action), data=hidden(page)).location == at_desk(dossier)
    assert dossier["status"] == after
    assert "Đã ghi: " in desk.get(at_desk(dossier)).text


def test_the_second_step_is_of_the_version_that_was_read(world, desk):
    dossier = world.sent()
    page = desk.get(at_desk(dossier)).text
    second = html.unescape(re.findall(r'href="([^"]*/accept\?[^"]*)"', page)[0])
    assert desk.get(second).status_code == 200
    world.enter(dossier, 7, None)
    answer = desk.get(second)
    assert answer.status_code == 412
    assert "vừa thay đổi" in answer.text


def test_a_refusal_is_asked_again_and_goes_out_with_the_reason_picked_and_written(world, desk):
    dossier = world.sent()
    page = desk.get(at_desk(dossier, "refuse")).text
    assert "không hoàn tác" in page
    assert dossier["status"] == 1
    posted = {**hidden(page), "reason": "r1", "more": "Trang 2 không đọc được."}
    desk.post(at_desk(dossier, "refuse"), data=posted)
    assert dossier["status"] == 3
    assert dossier["history"][-1]["reason"] == (
        "Giấy tờ kèm theo bị mờ hoặc thiếu trang, không đọc được. Trang 2 không đọc được."
    )


@pytest.mark.parametrize(("typed", "field"), [({}, "reason"), ({"reason": "other"}, "more")])
def test_a_refusal_without_a_reason_changes_nothing_and_says_where_it_is_missing(world, desk, typed, field):
    dossier = world.sent()
    page = desk.get(at_desk(dossier, "refuse")).text
    answer = desk.post(at_desk(dossier, "refuse"), data={**hidden(page), **typed})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert dossier["status"] == 1


def test_the_reason_reaches_the_applicant_in_vietnamese_whatever_the_official_reads(world, desk):
    dossier = world.sent()
    desk.set_cookie("lang", "en")
    page = desk.get(at_desk(dossier, "refuse")).text
    assert "A paper is blurred" in page
    desk.post(at_desk(dossier, "refuse"), data={**hidden(page), "reason": "r1"})
    assert dossier["history"][-1]["reason"].startswith("Giấy tờ kèm theo bị mờ")


def test_a_decision_on_a_dossier_that_changed_meanwhile_is_not_recorded(world, desk):
    dossier = world.sent()
    posted = hidden(desk.get(at_desk(dossier, "accept")).text)
    world.enter(dossier, 7, None)
    answer = desk.post(at_desk(dossier, "accept"), data=posted)
    assert answer.status_code == 412
    assert "vừa thay đổi" in answer.text
    assert "Đồng ý cho rút" in answer.text
    assert dossier["status"] == 7


def test_a_dossier_goes_all_the_way_to_the_hand_over(world, desk):
    dossier = world.sent()
    for action in ("accept", "forward", "finish", "hand-over"):
        desk.post(at_desk(dossier, action), data=hidden(desk.get(at_desk(dossier, action)).text))
    assert dossier["closed"]["outcome"] == "handed-over"
    assert "Không còn quyết định nào" in desk.get(at_desk(dossier)).text


def test_a_step_that_is_not_possible_any_more_leads_back_to_the_dossier(world, desk):
    dossier = world.sent(status=2)
    assert desk.get(at_desk(dossier, "refuse")).location == at_desk(dossier)
    assert desk.get(at_desk(dossier, "abolish")).status_code == 404


def test_another_agencys_dossier_is_not_there(world, desk):
    assert desk.get(at_desk(world.sent(agency="H02"))).status_code == 404


def test_the_official_sees_who_asks_and_opens_the_papers(world, desk):
    dossier = world.sent()
    dossier["files"].append(
        {"id": "0190f1c0-0000-7000-8000-0000000000f1", "document": "birth", "name": "a.pdf", "size": 4}
    )
    page = desk.get(at_desk(dossier)).text
    assert "Nguyễn Văn An" in page
    assert "Nguyễn Minh Khôi" in page
    assert desk.get(f"{at_desk(dossier)}/tep/0190f1c0-0000-7000-8000-0000000000f1").data == b"%PDF"


def test_citizens_do_not_come_in(world):
    citizen = portal(world).test_client()
    world.log_in(citizen, AN)
    assert citizen.get("/can-bo").status_code == 403


def test_whoever_is_not_logged_in_logs_in_first(world):
    assert portal(world).test_client().get("/can-bo").location.startswith("/dang-nhap?next=/can-bo")
