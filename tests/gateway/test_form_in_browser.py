"""The pages in a real Chromium: what appears at once, what the keyboard does, what axe finds (nothing)."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import FilePayload, Page, expect
from werkzeug.serving import make_server

from gateway.pages import account_due
from tests.gateway.fake_portal import AN, NOW, OFFICIAL, World, iso, portal
from tests.gateway.test_form import COMPLETE, PAPER

PDF: FilePayload = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b""}


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(account_due, "now", lambda: NOW)
    return World()


@pytest.fixture
def address(world) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, portal(world), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Jar:
    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def set_cookie(self, name: str, value: str) -> None:
        self.cookies[name] = value


@pytest.fixture
def opened(browser, world, address):
    """Open a page as somebody: `opened(AN, "/tai-khoan", width=360)`."""
    contexts = []

    def page(person, path: str, width: int = 360, **options) -> Page:
        jar = Jar()
        world.log_in(jar, person)
        context = browser.new_context(viewport={"width": width, "height": 800}, base_url=address, **options)
        context.add_cookies([{"name": n, "value": v, "url": address} for n, v in jar.cookies.items()])
        contexts.append(context)
        found: Page = context.new_page()
        found.goto(path)
        return found

    yield page
    for context in contexts:
        context.close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['target']}" for each in found]


def step(draft, number=1):
    return f"/ho-so/nhap/{draft['id']}/buoc/{number}"


def test_a_question_appears_and_goes_at_once_with_the_answer_that_calls_for_it(world, opened):
    draft = world.draft()
    page = opened(AN, step(draft))
    assert page.locator("#hospital").count() == 0
    page.get_by_label("Bệnh viện, cơ sở y tế").check()
    page.locator("#hospital").fill("Bạch Mai")
    page.get_by_label("Tại nhà hoặc nơi khác").check()
    assert page.locator("#hospital").count() == 0
    page.locator("#witness_phone").fill("0912 000 017")
    page.locator("#child_name").fill("Lê Bình")
    page.locator("#child_birth").fill("1/11/2026")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.wait_for_url(f"**{step(draft, 2)}")
    assert draft["form"]["witness_phone"] == "0912000017"


def fill_first_step(page: Page) -> None:
    page.get_by_label("Bệnh viện, cơ sở y tế").check()
    page.locator("#hospital").fill("Bạch Mai")
    page.locator("#child_name").fill("Lê Bình")
    page.locator("#child_birth").fill("1/11/2026")


def test_without_a_connection_nothing_typed_is_lost_and_the_page_says_so(world, opened):
    draft = world.draft()
    page = opened(AN, step(draft))
    fill_first_step(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    told = page.locator("form[data-steps] > .offline")
    expect(told).to_contain_text("Đang mất kết nối mạng")
    assert page.locator("#child_name").input_value() == "Lê Bình"
    assert violations(page) == []
    page.context.set_offline(False)
    expect(told).to_contain_text("Đã có mạng trở lại")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.wait_for_url(f"**{step(draft, 2)}")
    assert draft["form"]["child_name"] == "Lê Bình"


def test_a_network_that_leads_nowhere_is_no_connection_either(world, opened):
    draft = world.draft()
    page = opened(AN, step(draft))
    fill_first_step(page)
    page.route("**/*", lambda route: route.abort())
    page.get_by_role("button", name="Lưu, làm tiếp sau").click()
    expect(page.locator("form[data-steps] > .offline")).to_contain_text("Đang mất kết nối mạng")
    assert page.locator("#hospital").input_value() == "Bạch Mai"
    page.unroute("**/*")
    page.get_by_role("button", name="Lưu, làm tiếp sau").click()
    page.wait_for_url("**/tai-khoan")
    assert draft["form"]["child_name"] == "Lê Bình"


def test_a_file_too_large_can_be_changed_for_another(world, opened):
    page = opened(AN, f"/ho-so/nhap/{world.draft(answers=dict(COMPLETE))['id']}/giay-to")
    form = page.locator("form.upload").first
    form.evaluate("form => { form.dataset.limit = 3 }")
    form.locator("input[type=file]").set_input_files({**PDF, "buffer": b"%PDF"})
    form.locator("button").click()
    expect(form.get_by_role("alert")).to_contain_text("a.pdf")
    form.evaluate("form => { form.dataset.limit = 4 }")
    form.locator("input[type=file]").set_input_files({**PDF, "buffer": b"%PDF"})
    form.locator("button").click()
    expect(page.locator(".files").first).to_contain_text("a.pdf")


def test_mistakes_take_the_focus_to_the_summary_and_its_links_to_the_field(world, opened):
    page = opened(AN, step(world.draft()))
    page.get_by_role("button", name="Lưu và tiếp tục").press("Enter")
    page.wait_for_selector("#errors")
    assert page.evaluate("document.activeElement.id") == "errors"
    page.locator("#errors a").first.press("Enter")
    assert page.evaluate("document.activeElement.id") == "child_name"
    assert violations(page) == []


def test_a_dossier_is_sent_with_javascript_off(world, opened):
    draft = world.draft(answers=dict(COMPLETE))
    draft["files"].append(PAPER)
    page = opened(AN, f"/ho-so/nhap/{draft['id']}/kiem-tra", java_script_enabled=False)
    page.locator("#consent").check()
    page.get_by_role("button", name="Gửi hồ sơ").click()
    page.wait_for_url("**/ho-so/H01-261123-0001/da-gui")
    assert page.locator(".code-plate").inner_text() == "H01-261123-0001"


def test_officials_work_through_the_queue_by_keyboard(world, opened):
    first, second = world.sent(), world.sent()
    page = opened(OFFICIAL, "/can-bo", width=1280)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(f"**/{second['code']}")
    page.keyboard.press("k")
    page.wait_for_url(f"**/{first['code']}")
    page.keyboard.press("a")
    page.wait_for_url("**/accept?version=*")
    assert first["status"] == 1
    page.wait_for_selector("button:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Đã ghi: Tiếp nhận hồ sơ")
    assert first["status"] == 2
    page.goto(f"/can-bo/ho-so/{second['code']}")
    page.keyboard.press("r")
    page.wait_for_url("**/refuse?version=*")
    page.locator("#more").press_sequentially("jkoar")
    assert page.locator("#more").input_value() == "jkoar"


def every_page(world) -> list[tuple[dict[str, Any], str]]:
    draft, full, dossier = world.draft(), world.draft(answers=dict(COMPLETE)), world.sent()
    full["files"].append(PAPER)
    dossier["files"].append(PAPER)
    rated = world.sent(status=10, closed={"outcome": "handed-over", "at": iso(NOW)})
    code, nhap, day_du = dossier["code"], f"/ho-so/nhap/{draft['id']}", f"/ho-so/nhap/{full['id']}"
    return [
        (AN, "/ho-so/moi?procedure=1.001193"),
        *((AN, f"{nhap}/buoc/{number}") for number in (1, 2, 3)),
        *((AN, f"{day_du}/{last}") for last in ("giay-to", "kiem-tra", "bo")),
        *((AN, f"{nhap}/{last}") for last in ("giay-to", "kiem-tra")),
        *((AN, f"/ho-so/{code}{last}") for last in ("", "/da-gui", "/giay-tiep-nhan", "/rut")),
        *((AN, f"/ho-so/{rated['code']}{last}") for last in ("", "/danh-gia")),
        *((AN, path) for path in ("/tai-khoan", "/tai-khoan?ma=x", "/tai-khoan?loc=closed", "/thong-bao")),
        *(
            (OFFICIAL, f"/can-bo{last}")
            for last in ("", "?qua-han=1", f"/ho-so/{code}", f"/ho-so/{code}/refuse")
        ),
    ]


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_every_page_fits_its_width_and_axe_finds_nothing(world, opened, width, scheme):
    for person, path in every_page(world):
        page = opened(person, path, width=width, color_scheme=scheme)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
