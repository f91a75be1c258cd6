"""The pages of an agency's administrator, and of whom they invite, without JavaScript."""

import pytest

from tests.gateway.fake_portal import AN, OFFICIAL, World, portal
from tests.gateway.fake_staff import LAN, LAST, MINH, TOKEN
from tests.gateway.test_form import hidden

BOSS = OFFICIAL | {"roles": ["receiver", "administrator"]}
PEOPLE = "/can-bo/nhan-su"
LANS = f"{PEOPLE}/{LAN['account_id']}"
NEW = {"full_name": "Trần Văn Minh", "login": "minh.h01", "phone": "0912345679", "roles": ["approver"]}


@pytest.fixture
def world():
    world = World()
    world.officials = [LAN | {"account_id": BOSS["account_id"], "full_name": BOSS["full_name"]}, dict(LAN)]
    return world


@pytest.fixture
def boss(world):
    client = portal(world).test_client()
    world.log_in(client, BOSS)
    return client


def send(client, path, **fields):
    return client.post(path, data=hidden(client.get(path).text) | fields, follow_redirects=True)


def test_the_desk_leads_an_administrator_to_the_officials_and_nobody_else(world, boss):
    assert f'href="{PEOPLE}"' in boss.get("/can-bo").text
    other = portal(world).test_client()
    world.log_in(other, OFFICIAL | {"roles": ["receiver"]})
    assert f'href="{PEOPLE}"' not in other.get("/can-bo").text


def test_who_only_administers_is_led_past_the_dossiers(world):
    client = portal(world).test_client()
    world.log_in(client, OFFICIAL | {"roles": ["administrator"]})
    assert client.get("/can-bo").location == PEOPLE
    assert f'href="{PEOPLE}"' in client.get("/").text


def test_a_citizen_is_not_let_in(world):
    client = portal(world).test_client()
    world.log_in(client, AN)
    assert client.get(PEOPLE).status_code == 403


def test_the_list_names_everybody_and_who_is_invited(world, boss):
    world.invitations = [MINH]
    page = boss.get(PEOPLE).text
    assert ("Lê Thị Lan" in page, "Trần Văn Minh" in page) == (True, True)
    assert "Tiếp nhận, Xử lý" in page
    boss.post(f"{PEOPLE}/loi-moi/{MINH['id']}", data=hidden(page))
    for _ in range(2):
        page = boss.get(PEOPLE).text
        assert "Không có lời mời nào" in page
        assert (
            boss.post(f"{PEOPLE}/loi-moi/{MINH['id']}", data=hidden(boss.get(LANS).text)).status_code == 303
        )


def test_roles_are_ticked_and_saved(world, boss):
    page = boss.get(LANS).text
    assert 'value="receiver" checked' in page
    answer = send(boss, LANS, roles=["approver"])
    assert "Đã đổi vai trò của Lê Thị Lan" in answer.text
    assert world.officials[1]["roles"] == ["approver"]


def test_without_a_role_the_reason_is_beside_the_boxes(boss):
    answer = send(boss, LANS)
    assert (answer.status_code, answer.text.count("Chọn ít nhất một vai trò.")) == (422, 2)


def test_the_last_administrator_is_told_why_they_stay(boss):
    mine = f"{PEOPLE}/{BOSS['account_id']}"
    assert LAST in send(boss, mine, roles=["receiver"]).text
    answer = send(boss, f"{mine}/tam-khoa")
    assert (answer.status_code, LAST in answer.text) == (409, True)


def test_sending_away_has_a_second_step(world, boss):
    answer = send(boss, f"{LANS}/tam-khoa")
    assert "Đã tạm khoá Lê Thị Lan." in answer.text
    assert world.officials[1]["state"] == "suspended"
    assert "Mở khoá…" in boss.get(LANS).text
    assert "Đã mở khoá cho Lê Thị Lan." in send(boss, f"{LANS}/mo-khoa").text
    assert "Đã gỡ Lê Thị Lan" in send(boss, f"{LANS}/go").text
    assert len(world.officials) == 1
    assert boss.get(f"{PEOPLE}/{BOSS['account_id']}/thang-chuc").status_code == 404


@pytest.mark.parametrize("way", ["sms", "link"])
def test_an_invitation_is_sent_or_its_link_shown_once(world, boss, way):
    answer = send(boss, f"{PEOPLE}/moi", send=way, **NEW)
    assert (f"/loi-moi?ma={TOKEN}" in answer.text) == (way == "link")
    assert ("Đã gửi lời mời đến Trần Văn Minh" in answer.text) == (way == "sms")
    assert TOKEN not in boss.get(PEOPLE).text
    assert world.invitations[0]["roles"] == ["approver"]


def test_what_is_missing_or_taken_is_said_beside_its_field_and_nothing_is_lost(boss):
    page = send(boss, f"{PEOPLE}/moi", full_name="Trần Văn Minh", send="mail")
    assert page.status_code == 422
    for field in ("login", "phone", "email", "roles"):
        assert f'href="#{field}"' in page.text
    assert 'value="Trần Văn Minh"' in page.text
    page = send(boss, f"{PEOPLE}/moi", **NEW | {"login": "taken", "send": "sms"})
    assert (page.status_code, 'id="login-error"' in page.text) == (409, True)


def test_the_invited_sets_a_password_and_is_told_how_to_log_in(world):
    client = portal(world).test_client()
    page = client.get(f"/loi-moi?ma={TOKEN}").text
    assert "mời bạn làm việc" in page
    assert f'name="ma" value="{TOKEN}"' in page
    fields = hidden(page) | {"ma": TOKEN, "password": "cầu vồng sau mưa"}
    again = client.post("/loi-moi", data=fields)
    assert (again.status_code, 'id="again-error"' in again.text) == (422, True)
    weak = client.post("/loi-moi", data=fields | {"password": "12345678", "again": "12345678"})
    assert (weak.status_code, 'id="password-error"' in weak.text) == (422, True)
    answer = client.post("/loi-moi", data=fields | {"again": "cầu vồng sau mưa"}, follow_redirects=True)
    assert "minh.h01" in answer.text
    assert client.get("/loi-moi/xong").status_code == 302


def test_a_link_that_is_used_up_says_so(world):
    client = portal(world).test_client()
    for path in ("/loi-moi?ma=old", "/loi-moi"):
        page = client.get(path)
        assert (page.status_code, "Lời mời không còn" in page.text) == (404, True)
