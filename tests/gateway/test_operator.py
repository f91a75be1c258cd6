"""What somebody who runs the portal finds after logging in."""

import pytest

from gateway.pages.operator import WORK
from tests.gateway.fake_portal import AN, OFFICIAL, World, portal
from tests.gateway.test_form_entry import OPERATOR


@pytest.fixture
def come():
    """A browser of that person."""
    world = World()

    def browser(person):
        client = portal(world).test_client()
        world.log_in(client, person)
        return client

    return browser


def test_logging_in_leads_an_operator_to_a_page_with_the_commands_and_the_health_of_the_portal(come):
    browser = come(OPERATOR)
    assert browser.get("/dang-nhap").location == "/van-hanh"
    page = browser.get("/van-hanh")
    assert page.status_code == 200
    assert page.text.count("<li><code>motcua ") == sum(map(len, WORK.values()))
    assert 'href="/trang-thai"' in page.text


def test_the_header_leads_an_operator_back_there_and_to_no_page_of_others(come):
    page = come(OPERATOR).get("/").text
    assert 'href="/van-hanh"' in page
    assert 'href="/tai-khoan"' not in page
    assert 'href="/thong-bao"' not in page


@pytest.mark.parametrize(("person", "home"), [(AN, "/tai-khoan"), (OFFICIAL, "/can-bo")])
def test_others_come_to_what_is_theirs_and_not_there(come, person, home):
    browser = come(person)
    assert browser.get("/dang-nhap").location == home
    assert browser.get("/van-hanh").status_code == 403
