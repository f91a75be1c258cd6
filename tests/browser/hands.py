"""Two ways to use a page: with a mouse, or with nothing but the keyboard."""

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as Waited

FURTHEST = 200
PATIENCE = 5
HERE = "e => e === document.activeElement"
VISIBLE = (
    "() => { const of = e => e && getComputedStyle(e).outlineStyle !== 'none';"
    " const e = document.activeElement; return of(e) || of(e.closest('.card, .tally')) }"
)


class Hands(Protocol):
    def press(self, target: Locator) -> None:
        """A link or a button."""

    def write(self, target: Locator, text: str) -> None: ...

    def tick(self, target: Locator) -> None:
        """A radio button or a checkbox."""

    def pick(self, target: Locator, value: str) -> None:
        """An option of a select."""

    def attach(self, target: Locator, file: Path) -> None: ...


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.click()
        target.fill(text)

    def tick(self, target: Locator) -> None:
        target.check()

    def pick(self, target: Locator, value: str) -> None:
        target.select_option(value)

    def attach(self, target: Locator, file: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            target.click()
        chooser.value.set_files(file)


class Keyboard:
    """Reaches everything by Tab from where it is, and sees each time where the focus is."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self.reach(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def tick(self, target: Locator) -> None:
        if target.get_attribute("type") == "radio":
            self._turn_to(target)
        else:
            self.reach(target)
        if not target.is_checked():
            self.page.keyboard.press("Space")

    def pick(self, target: Locator, value: str) -> None:
        self.reach(target)
        self.page.keyboard.press("Home")
        for _ in range(target.locator("option").count()):
            if target.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no option {value} by the arrows")

    def attach(self, target: Locator, file: Path) -> None:
        """A busy Chromium drops a key that comes before the page's first frame: then one presses again."""
        for _ in range(PATIENCE):
            self.reach(target)
            with suppress(Waited):
                with self.page.expect_file_chooser(timeout=5_000) as chooser:
                    self.page.keyboard.press("Enter")
                chooser.value.set_files(file)
                return
        raise AssertionError(f"Enter opens no choice of files at {target}")

    def reach(self, target: Locator) -> None:
        target.wait_for()
        for _ in range(FURTHEST):
            if target.evaluate(HERE):
                assert self.page.evaluate(VISIBLE), f"one cannot see that the focus is at {target}"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {target}")

    def _turn_to(self, target: Locator) -> None:
        """Tab enters a group of radio buttons at one of them; arrows go on to the others."""
        group = self.page.locator(f"input[name='{target.get_attribute('name')}']")
        for _ in range(FURTHEST):
            if any(one.evaluate(HERE) for one in group.all()):
                break
            self.page.keyboard.press("Tab")
        for _ in range(group.count()):
            if target.evaluate(HERE):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never come to {target}")
