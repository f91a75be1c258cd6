"""The pages for when something is wrong, in a real Chromium: each says what to do, and axe finds nothing."""

import threading
from collections.abc import Iterator
from typing import Literal

import pytest
from flask import abort
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from gateway.app import create_app
from gateway.errors import DESIGNED
from tests.browser.checks import overflow, violations
from tests.gateway.public_portal import settings

Scheme = Literal["light", "dark"]
NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A gateway whose services are all away, with a page that fails in any way asked for."""
    app = create_app(settings(NOBODY_LISTENS))
    app.add_url_rule("/refused/<int:code>", view_func=abort)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("language", "width", "scheme"), [("vi", 360, "light"), ("en", 1280, "dark")])
@pytest.mark.parametrize("status", [status for status in DESIGNED if status != 408])
def test_an_error_page_says_what_to_do_and_leads_home(
    browser: Browser, address: str, status: int, language: str, width: int, scheme: Scheme
) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        page = context.new_page()
        answer = page.goto(f"{address}/refused/{status}?lang={language}")
        assert answer is not None
        assert answer.status == status
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("main h1").inner_text()
        assert page.locator("main a[href='/']").count() >= 1
        assert violations(page) == []
        assert overflow(page) == []


@pytest.mark.parametrize("path", ["/thu-tuc", "/tra-cuu/H01-261123-0001", "/thu-tuc/1.001193"])
def test_while_a_service_is_away_its_pages_say_so_and_when_to_come_back(
    browser: Browser, address: str, path: str
) -> None:
    with browser.new_context(viewport={"width": 360, "height": 800}) as context:
        page = context.new_page()
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert violations(page) == []


def test_the_home_page_stands_although_every_service_is_away(browser: Browser, address: str) -> None:
    with browser.new_context(viewport={"width": 360, "height": 800}) as context:
        page = context.new_page()
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
        assert page.get_by_role("link", name="Đăng ký").first.is_visible()
        assert violations(page) == []
