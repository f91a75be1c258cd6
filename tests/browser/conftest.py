from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.hands import Keyboard, Mouse
from tests.browser.visitor import Visitor
from tests.system.portal import Portal

Newcomer = Callable[[], Visitor]


@pytest.fixture(params=["mouse", "keyboard", "without JavaScript"])
def newcomer(request: pytest.FixtureRequest, browser: Browser, portal: Portal) -> Iterator[Newcomer]:
    """Makes somebody with a browser of their own, who uses it in one of three ways."""
    contexts: list[BrowserContext] = []

    def come() -> Visitor:
        script = request.param != "without JavaScript"
        context = browser.new_context(
            viewport={"width": 1280, "height": 800}, java_script_enabled=script, locale="vi-VN"
        )
        contexts.append(context)
        page = context.new_page()
        hands = Keyboard(page) if request.param == "keyboard" else Mouse(page)
        return Visitor(portal, page, hands, script)

    yield come
    for context in contexts:
        context.close()
