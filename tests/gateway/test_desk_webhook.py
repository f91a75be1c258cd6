"""The page that says how an agency's software gets its events, without JavaScript."""

import re

import pytest

from tests.gateway.fake_portal import AN, OFFICIAL, World, portal
from tests.gateway.test_form import hidden

AT = "2026-11-23T02:00:00+00:00"
FINE = {"url": "https://hooks.h01.example/e?key=secret", "state": "enabled", "position": 2, "waiting": 0}
FAILING = FINE | {"waiting": 3, "last_error": "answered-503", "failing_since": AT, "next_try_at": AT}
DISABLED = FINE | {"state": "disabled", "waiting": 9, "last_error": "too-slow", "disabled_at": AT}


@pytest.fixture
def world():
    return World()


@pytest.fixture
def desk(world):
    client = portal(world).test_client()
    world.log_in(client, OFFICIAL)
    return client


def delivery(position, **changes):
    usual = {"type": "motcua.dossier.submitted.v1", "at": AT, "status": "delivered", "attempts": 1}
    usual |= {"subject": "H01-261126-0007", "event_id": "01a21981-f9aa-7508-8678-37834841d5f3"}
    return {"position": position} | usual | changes


def test_an_agency_without_a_webhook_reads_how_it_gets_one(desk):
    page = desk.get("/can-bo/ket-noi").text
    assert "Chưa đặt địa chỉ nhận" in page
    assert '<form method="post" action="/can-bo/ket-noi"' not in page


def test_one_that_is_fine_says_so_and_keeps_the_addresss_secrets(world, desk):
    world.webhook = dict(FINE)
    world.deliveries = [delivery(2), delivery(1)]
    page = desk.get("/can-bo/ket-noi").text
    assert "Đang nhận" in page
    assert "hooks.h01.example" in page.replace("<wbr>", "")
    assert "key=secret" not in page
    assert page.count("Hồ sơ mới") == 2
    assert page.count("H01-261126-0007") == page.count("webhook-id 01a21981-f9aa-7508") == 2
    assert "Bật lại" not in page


def test_one_that_fails_says_why_and_since_when(world, desk):
    world.webhook = dict(FAILING)
    world.deliveries = [delivery(3, status="failing", attempts=4, error="answered-503")]
    page = desk.get("/can-bo/ket-noi").text
    assert "Đang thử lại" in page
    assert page.count("trả lời lỗi (mã 503)") == 2
    assert "(4 lần thử)" in page
    assert "09:00, thứ Hai 23/11/2026" in page
    assert "3 sự kiện" in page


def test_an_official_enables_it_again_and_is_told(world, desk):
    world.webhook = dict(DISABLED)
    page = desk.get("/can-bo/ket-noi").text
    assert "Đã tắt" in page
    assert "không trả lời kịp thời" in page
    answer = desk.post("/can-bo/ket-noi", data=hidden(page), follow_redirects=True)
    assert world.webhook["state"] == "enabled"
    assert "Đã bật." in answer.text
    assert "Đang nhận" in answer.text


def test_enabling_needs_the_pages_own_token(world, desk):
    world.webhook = dict(DISABLED)
    assert desk.post("/can-bo/ket-noi", data={"csrf": "x"}).status_code == 403
    assert world.webhook["state"] == "disabled"


@pytest.mark.parametrize(
    "error",
    [
        "too-slow",
        "broken-answer",
        "unknown-host",
        "slow-name-server",
        "not-reached",
        "private-address",
        "bad-certificate",
    ],
)
def test_every_reason_is_said_in_words(world, desk, error):
    world.webhook = dict(FAILING, last_error=error)
    for language in ("vi", "en"):
        page = desk.get("/can-bo/ket-noi", headers={"Cookie": f"lang={language}"}).text
        assert error not in page


def test_a_reason_and_a_kind_that_are_new_are_shown_as_they_are(world, desk):
    world.webhook = dict(FAILING, last_error="struck-by-lightning")
    world.deliveries = [delivery(1, type="motcua.dossier.painted.v1")]
    page = desk.get("/can-bo/ket-noi").text
    assert "struck-by-lightning" in page
    assert "motcua.dossier.painted.v1" in page


def test_only_officials_see_it(world):
    client = portal(world).test_client()
    assert client.get("/can-bo/ket-noi").status_code == 302
    world.log_in(client, AN)
    assert client.get("/can-bo/ket-noi").status_code == 403


def test_the_desk_leads_there(desk):
    assert re.search(r'href="/can-bo/ket-noi"', desk.get("/can-bo").text)
