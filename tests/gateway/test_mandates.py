"""Mandates at the pages, without JavaScript: given, accepted, ended, and acted by in plain sight."""

import pytest

from tests.gateway.fake_mandates import ONE
from tests.gateway.fake_portal import AN, World, portal
from tests.gateway.test_form import hidden

PLACE = "/tai-khoan/uy-quyen"
ACTING = "Bạn đang làm thay cho Công ty TNHH Hoa Sen"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def an(world):
    client = portal(world).test_client()
    world.log_in(client, AN)
    return client


def send(client, path=PLACE, **fields):
    return client.post(path, data=hidden(client.get(PLACE).text) | fields, follow_redirects=True)


def test_a_mandate_is_given_for_deeds_procedures_and_a_time(world, an):
    assert "Bạn chưa ủy quyền cho ai." in an.get(PLACE).text
    answer = send(
        an,
        to="079195000028",
        deeds=["submit"],
        procedures="1.001193, 1.004873",
        expires_at="31/12/2026",
    )
    assert "Chờ nhận" in answer.text
    (given,) = world.given
    assert given["procedures"] == ["1.001193", "1.004873"]
    assert (given["deeds"], given["expires_at"]) == (["submit"], "2026-12-31T23:59:00+07:00")


def test_what_is_wrong_is_beside_its_field_and_nothing_typed_is_lost(an):
    answer = send(an, procedures="1.001193")
    assert answer.status_code == 422
    for field in ("to", "deeds", "expires_at"):
        assert f'href="#{field}"' in answer.text
    assert 'value="1.001193"' in answer.text
    answer = send(an, to="me", deeds=["submit"], expires_at="31/12/2026")
    assert (answer.status_code, 'id="to-error"' in answer.text) == (422, True)


def test_who_acts_sees_it_on_every_page_and_stops(world, an):
    world.received = [dict(ONE)]
    assert ACTING not in an.get("/").text
    answer = send(an, f"{PLACE}/{ONE['id']}/lam-thay")
    assert ACTING in answer.text
    for page in ("/", "/tai-khoan", "/tra-cuu", "/tro-giup"):
        assert ACTING in an.get(page).text, page
    assert an.get(PLACE).location == "/tai-khoan"
    home = an.get("/").text
    answer = an.post(f"{PLACE}/thoi", data=hidden(home), follow_redirects=True)
    assert (answer.status_code, ACTING in answer.text) == (200, False)
    assert ACTING not in an.get("/tai-khoan").text


def test_an_offer_is_accepted_and_ended(world, an):
    world.received = [ONE | {"state": "offered"}]
    page = an.get(PLACE).text
    assert ("Nhận làm thay" in page, "Làm thay ngay" in page) == (True, False)
    assert "Đã nhận." in send(an, f"{PLACE}/{ONE['id']}/nhan").text
    assert "Đã chấm dứt" in send(an, f"{PLACE}/{ONE['id']}/cham-dut").text
    late = send(an, f"{PLACE}/{ONE['id']}/nhan")
    assert (late.status_code, "Ủy quyền này đã chấm dứt." in late.text) == (409, True)
    assert send(an, f"{PLACE}/{ONE['id']}/tang").status_code == 404
