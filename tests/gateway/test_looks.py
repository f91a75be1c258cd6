"""The page that says who looked at a person's data."""

from types import SimpleNamespace

import pytest

from gateway.pages import catalogue
from tests.gateway.fake_portal import AN, NOW, OFFICIAL, World, iso, portal


@pytest.fixture
def world(monkeypatch):
    ward = {"code": "H01", "name": "Phường Bến Nghé", "name_en": "Ben Nghe ward"}
    monkeypatch.setattr(catalogue, "agencies", SimpleNamespace(get=lambda: [ward]))
    return World()


@pytest.fixture
def browser(world):
    client = portal(world).test_client()
    world.log_in(client, AN)
    return client


def look(what="dossier", about="H01-261123-0001", kind="official", agency="H01"):
    return {"at": iso(NOW), "what": what, "about": about, "kind": kind, "agency": agency}


def test_nobody_has_looked_yet(browser):
    page = browser.get("/tai-khoan/ai-da-xem").text
    assert page.count("Chưa có ai xem.") == 2


def test_it_says_which_agency_looked_when_and_at_what(world, browser):
    world.looks["dossiers"] = [look(), look("file")]
    world.looks["account"] = [look("account", "", "operator", None)]
    page = browser.get("/tai-khoan/ai-da-xem").text
    assert "Phường Bến Nghé" in page
    assert "Đã mở hồ sơ" in page
    assert "Đã tải giấy tờ trong hồ sơ" in page
    assert 'href="/ho-so/H01-261123-0001"' in page
    assert "09:00" in page
    assert "Người vận hành cổng" in page
    browser.set_cookie("lang", "en")
    english = browser.get("/tai-khoan/ai-da-xem").text
    assert "Ben Nghe ward" in english
    assert "Who looked at my data" in english
    assert "An operator of the portal" in english


def test_a_look_at_the_counter_names_the_post_office(world, browser):
    world.looks["account"] = [look("registration", "0190f1c0", "official", "POST-10000")]
    page = browser.get("/tai-khoan/ai-da-xem").text
    assert "Bưu cục 10000" in page
    assert "so thông tin đăng ký với thẻ căn cước" in page
    assert "0190f1c0" not in page


def test_a_look_and_an_agency_that_the_page_does_not_know_are_shown_all_the_same(world, browser):
    world.looks["dossiers"] = [look("something-new", agency="H99.1")]
    world.looks["account"] = [look("something-new", "", "somebody-new", None)]
    page = browser.get("/tai-khoan/ai-da-xem").text
    assert "H99.1" in page
    assert "Đã xem dữ liệu" in page
    assert "Cổng dịch vụ công" in page


def test_each_part_goes_on_by_itself(world, browser):
    world.looks["dossiers"] = [look(about=f"H01-261123-000{n}") for n in range(1, 6)]
    world.looks["account"] = [look("account", "", "operator", None)] * 3
    page = browser.get("/tai-khoan/ai-da-xem?tai-khoan=2").text
    assert "?ho-so=2&amp;tai-khoan=2#ho-so" in page
    assert 'href="/tai-khoan/ai-da-xem#tai-khoan"' in page
    later = browser.get("/tai-khoan/ai-da-xem?ho-so=4&tai-khoan=2").text
    assert "H01-261123-0005" in later
    assert "H01-261123-0001" not in later
    assert 'href="/tai-khoan/ai-da-xem?ho-so=4#tai-khoan"' in later


def test_the_account_page_leads_there(browser):
    assert 'href="/tai-khoan/ai-da-xem"' in browser.get("/tai-khoan").text


def test_officials_are_shown_no_such_page(world):
    official = portal(world).test_client()
    world.log_in(official, OFFICIAL)
    assert official.get("/tai-khoan/ai-da-xem").status_code == 403
