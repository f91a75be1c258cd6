"""A citizen's browser at the published port: cookies that only come and go over HTTPS."""

from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.hands import Mouse
from tests.browser.visitor import Visitor
from tests.conftest import QUIET
from tests.deploy.installation import HOST, Installation
from tests.system.caller import people
from tests.system.portal import Portal


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One that finds HOST here."""
    found_here = f"--host-resolver-rules=MAP {HOST} 127.0.0.1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, found_here])
        yield started
        started.close()


def test_one_registers_and_logs_in_and_every_cookie_is_secure(
    browser: Browser, installation: Installation
) -> None:
    (person,) = people(installation, 1)
    # Whom to trust is checked by the API's tests; Chromium has no way to be told of one authority more.
    context = browser.new_context(ignore_https_errors=True, locale="vi-VN")
    page = context.new_page()
    an = Visitor(cast(Portal, installation), page, Mouse(page))  # it reads no picture, all else is there
    an.register(person)
    an.follow("Đăng nhập", "/dang-nhap*")
    an.log_in(person["id_number"], person["phone"], "/tai-khoan")
    cookies = context.cookies()
    assert {cookie["name"] for cookie in cookies if cookie["name"].startswith("__Host-")}
    assert [cookie["name"] for cookie in cookies if not cookie["secure"]] == []
    context.close()
