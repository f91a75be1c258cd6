"""Opens pages as one of the scene's people, in one language, and brings them into the states they have."""

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.browser.checks import note_hosts
from tests.browser.door import Door
from tests.browser.hands import Mouse
from tests.browser.scene import Scene
from tests.browser.visitor import Visitor

MAIN = "main form:not([action='/dang-xuat'])"


@dataclass
class Stage:
    scene: Scene
    door: Door
    browser: Browser
    lang: str
    hosts: set[str] = field(default_factory=set)
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    page: Page | None = None
    visited: set[str] = field(default_factory=set)

    def open(self, who: str, path: str) -> Page:
        """`who` is somebody of the scene, or `anybody`; the path as in `Scene.address`."""
        if who not in self.contexts:
            self.contexts[who] = self._context(who)
        page = self.contexts[who].pages[0]
        page.goto(self.door.address + self.scene.address(path))
        self.page = page
        return page

    def visitor(self, page: Page) -> Visitor:
        return Visitor(self.scene.portal, page, Mouse(page))

    def forget(self, who: str) -> None:
        """The next page of theirs is opened in a fresh browser."""
        if who in self.contexts:
            self.contexts.pop(who).close()

    def close(self) -> None:
        for who in list(self.contexts):
            self.forget(who)

    def _context(self, who: str) -> BrowserContext:
        address = self.door.address
        context = self.browser.new_context(locale="vi-VN")
        cookies = {"lang": self.lang}
        if who in self.scene.people:
            tokens = self.scene.people[who].tokens
            cookies |= {"motcua": tokens["refresh_token"], "motcua-access": tokens["access_token"]}
        context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
        )
        note_hosts(context, self.hosts)
        context.new_page()
        return context


def submit(page: Page, within: str = MAIN, button: int = 0) -> None:
    """Press a form's button, and be on the page that comes."""
    press(page, page.locator(within).first.locator("button:not([type=button])").nth(button))


def press(page: Page, target: Locator) -> None:
    with page.expect_navigation():
        target.click()
