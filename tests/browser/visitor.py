"""Somebody at a browser: what a person does on the portal's pages, whatever they do it with."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.answers import is_asked
from tests.browser.captcha import digits_of
from tests.browser.hands import Hands
from tests.system.caller import SIX_DIGITS
from tests.system.portal import Portal, eventually

PASSWORD = "Mật-khẩu đủ dài 2026"


@dataclass
class Visitor:
    portal: Portal
    page: Page
    hands: Hands
    script: bool = True

    def link(self, name: str, within: str = "main") -> Locator:
        return self.page.locator(within).get_by_role("link", name=name).locator("visible=true").first

    def button(self, name: str) -> Locator:
        return self.page.locator("main").get_by_role("button", name=name).locator("visible=true").first

    def at(self, path: str) -> None:
        """Wait until the page of that address is there; `*` is any part of it."""
        pattern = "[^/]*".join(re.escape(part) for part in (self.portal.url("gateway") + path).split("*"))
        self.page.wait_for_url(re.compile(f"^{pattern}(#.*)?$"))

    def sees(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("main").get_by_text(words).first).to_be_visible()

    def go(self, path: str) -> None:
        self.page.goto(self.portal.url("gateway") + path)

    def follow(self, name: str, to: str, within: str = "main") -> None:
        self.leave_by(self.link(name, within), to)

    def send(self, button: str, lands_at: str) -> None:
        self.leave_by(self.button(button), lands_at)

    def leave_by(self, target: Locator, to: str) -> None:
        """Press it, and be on the next page, which may have the address of this one."""
        with self.page.expect_navigation():
            self.hands.press(target)
        self.at(to)

    def write(self, id: str, text: str) -> None:
        self.hands.write(self.page.locator(f"#{id}"), text)

    # Coming in

    def register(self, person: Mapping[str, Any]) -> None:
        """From the home page to an account."""
        self.go("/")
        self.follow("Đăng ký", "/dang-ky", within="header")
        self.follow("Công dân", "/dang-ky/cong-dan")
        self.follow("Số điện thoại", "/dang-ky/cong-dan/dien-thoai*")
        self.pass_captcha_by_eye()
        year, month, day = person["date_of_birth"].split("-")
        self.write("full_name", person["full_name"])
        self.write("id_number", person["id_number"])
        self.write("date_of_birth", f"{day}/{month}/{year}")
        self.write("phone", person["phone"])
        self.type_captcha()
        code = self.code_sent_to(person["phone"], lambda: self.send("Đăng ký", "/dang-ky/ma"))
        self.type_code(code)
        self.at("/dang-ky/mat-khau")
        self.write("password", PASSWORD)
        self.write("again", PASSWORD)
        self.send("Đặt mật khẩu", "/dang-ky/xong")

    def log_in(self, login: str, phone: str, lands_at: str, password: str = PASSWORD) -> None:
        """On a device not seen before: with a code by SMS."""
        self.pass_captcha_by_eye()
        self.write("login", login)
        self.write("password", password)
        self.type_captcha()
        code = self.code_sent_to(phone, lambda: self.send("Đăng nhập", "/dang-nhap/ma"))
        self.type_code(code)
        self.at(lands_at)

    def pass_captcha_by_eye(self) -> None:
        """Without JavaScript the page comes again by itself, with a picture."""
        if not self.script:
            self.page.wait_for_url("**captcha=picture**")

    def type_captcha(self) -> None:
        """With JavaScript the browser does the work while the form is filled in."""
        if not self.script:
            picture = self.page.locator("input[name=captcha_id]").input_value()
            self.write("captcha", digits_of(self.portal, picture))

    def code_sent_to(self, phone: str, act: Callable[[], None]) -> str:
        before = len(self.codes(phone))
        act()
        return str(eventually(lambda: self.codes(phone) if len(self.codes(phone)) > before else None)[0])

    def codes(self, phone: str) -> list[str]:
        """Newest first."""
        return [code for m in self.portal.messages(phone) for code in SIX_DIGITS.findall(m["text"])]

    def type_code(self, code: str) -> None:
        first = self.page.locator("#code")
        if self.script:  # six boxes, the focus in the first
            expect(first).to_be_focused()
            self.page.keyboard.type(code)
        else:
            self.hands.write(first, code)
        with self.page.expect_navigation():
            self.hands.press(self.page.locator("main form").first.get_by_role("button"))

    # Filling in

    def fill_form(self, procedure: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
        for number, step in enumerate(procedure["form"]["layout"], 1):
            self.at(f"/ho-so/nhap/*/buoc/{number}")
            asked = [f for f in step["fields"] if f["name"] in answers and is_asked(f, answers)]
            self.answer(asked, answers)
            if not self.script and any(field.get("show_when") for field in asked):
                self.sees("Câu trả lời của bạn mở thêm câu hỏi")
                self.answer(asked, answers)

    def answer(self, asked: list[Any], answers: Mapping[str, Any]) -> None:
        """Without JavaScript a question that hangs on another comes only after saving."""
        for field in asked:
            place = self.page.locator(f"form[data-steps] [name='{field['name']}']")
            if field.get("show_when") and not self.script and not place.count():
                continue
            place.first.wait_for()
            self.give(field, answers[field["name"]])
        self.hands.press(self.button("Lưu và tiếp tục"))

    def give(self, field: Mapping[str, Any], value: Any) -> None:
        name, widget = field["name"], field["widget"]
        if widget == "radio":
            self.hands.tick(self.page.locator(f"input[name='{name}'][value='{value}']"))
        elif widget == "checkbox":
            self.hands.tick(self.page.locator(f"#{name}"))
        elif widget == "select":
            self.hands.pick(self.page.locator(f"#{name}"), str(value))
        elif not self.page.locator(f"#{name}").input_value():
            self.write(name, typed(widget, value))

    def put_up(self, document: str, file: Path) -> None:
        paper = self.page.locator(f"#giay-to-{document}")
        self.hands.attach(paper.locator("input[type=file]"), file)
        self.hands.press(paper.get_by_role("button", name=re.compile("^Tải lên")))
        expect(self.page.locator(f"#giay-to-{document} .files")).to_contain_text(file.name)


def typed(widget: str, value: Any) -> str:
    """The way a person writes it in Viet Nam."""
    if widget == "date":
        year, month, day = str(value).split("-")
        return f"{day}/{month}/{year}"
    return str(value)
