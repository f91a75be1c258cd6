"""The checks of the pages see what they are to see."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.checks import crowded, note_hosts, overflow, violations

GOOD = "<!doctype html><html lang=vi><title>Trang</title><main><h1>Trang</h1>{}</main>"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    yield context.new_page()
    context.close()


def test_a_sound_page_has_nothing_to_mend(page: Page) -> None:
    page.set_content(GOOD.format("<p>Một cửa</p>"))
    assert (violations(page), overflow(page)) == ([], [])


def test_pale_letters_and_a_field_without_a_name_are_found(page: Page) -> None:
    page.set_content(GOOD.format("<p style='color: #bbb'>nhạt</p><input>"))
    assert [found.split(":")[0] for found in violations(page)] == ["color-contrast", "label"]


def test_what_sticks_out_is_named(page: Page) -> None:
    page.set_content(GOOD.format("<div id=wide style='width: 400px'>rộng</div>"))
    assert 'id="wide"' in overflow(page)[0]


def test_lines_too_near_for_vietnamese_are_named(page: Page) -> None:
    page.set_content("<style>* { line-height: 1.55 }</style><p>xa<p id=near style='line-height: 1.5'>gần")
    assert ['id="near"' in found for found in crowded(page)] == [True]


def test_a_call_to_another_host_is_noted(page: Page) -> None:
    hosts: set[str] = set()
    note_hosts(page.context, hosts)
    page.set_content(GOOD.format("<img src='http://127.0.0.1:9/a.png' alt=''>"))
    assert hosts == {"127.0.0.1:9"}
