"""Registering and logging in: with mistakes, with a picture, with a code."""

from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import Page

from tests.browser.stage import Stage, submit
from tests.browser.states.kinds import States, anybody
from tests.browser.visitor import PASSWORD
from tests.system.caller import Caller

FORM, INSURANCE, LOGIN = "/dang-ky/cong-dan/dien-thoai", "/dang-ky/cong-dan/bao-hiem-xa-hoi", "/dang-nhap"
BUSINESS = "/dang-ky/doanh-nghiep/usb"
FORMS = "/dang-ky/<any('cong-dan', 'doanh-nghiep'):place>/<slug>"
LOGIN_SAYS = {
    "ended": "ended=1",
    "code-ended": "ended=code",
    "password-set": "ended=password",
    "first": "next=/tai-khoan",
}


def form(stage: Stage) -> Iterator[str]:
    page = stage.open("anybody", FORM)
    yield "empty"
    submit(page)
    yield "mistakes"
    stage.open("anybody", f"{FORM}?captcha=picture")
    yield "picture"
    stage.open("anybody", FORM)
    fill(page, stage.scene.somebody() | {"full_name": "Ai Đó Khác"})
    submit(page)
    yield "refused"
    stage.open("anybody", INSURANCE)
    yield "insurance"
    submit(page)
    yield "insurance-mistakes"
    stage.open("anybody", BUSINESS)
    yield "business"
    submit(page)
    yield "business-mistakes"


def code(stage: Stage) -> Iterator[str]:
    page, person = stage.open("anybody", FORM), stage.scene.somebody()
    fill(page, person)
    stage.visitor(page).code_sent_to(person["phone"], lambda: submit(page))
    yield "empty"
    submit(page)
    yield "mistake"
    type_code(page, "000000")
    yield "wrong"
    again(page)
    yield "too-soon"
    with stage.door.instead("POST", "/registrations/*/code", (202, {"resend_after": 60})):
        again(page)
    yield "sent-again"
    to_password(stage, stage.scene.registered[stage.lang])
    yield "registered"


def again(page: Page) -> None:
    """The button's countdown has not ended, and is not waited for."""
    with page.expect_navigation():
        page.locator("form.resend").evaluate("form => form.submit()")


def password(stage: Stage) -> Iterator[str]:
    page = to_password(stage)
    yield "empty"
    page.fill("#password", PASSWORD)
    page.fill("#again", "khác")
    yield "typed"
    submit(page)
    yield "different"


def done(stage: Stage) -> Iterator[str]:
    page = to_password(stage)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    submit(page)
    yield "plain"


def to_password(stage: Stage, person: Any = None) -> Page:
    page, person = stage.open("anybody", FORM), person or stage.scene.somebody()
    fill(page, person)
    type_code(page, stage.visitor(page).code_sent_to(person["phone"], lambda: submit(page)))
    return page


def fill(page: Page, person: Mapping[str, Any]) -> None:
    for name in ("full_name", "id_number", "phone"):
        page.fill(f"#{name}", person[name])
    page.fill("#date_of_birth", "/".join(reversed(person["date_of_birth"].split("-"))))


def type_code(page: Page, code: str) -> None:
    page.locator("#code").focus()
    page.keyboard.type(code)
    submit(page)


def login(stage: Stage) -> Iterator[str]:
    page = stage.open("anybody", LOGIN)
    yield "empty"
    submit(page)
    yield "mistakes"
    for what, query in LOGIN_SAYS.items():
        stage.open("anybody", f"{LOGIN}?{query}")
        yield what
    stage.open("anybody", f"{LOGIN}?captcha=picture")
    yield "picture"
    stage.open("anybody", LOGIN)
    page.fill("#login", "001099999999")
    page.fill("#password", "không phải")
    submit(page)
    yield "refused"
    yield from paused(stage)


def paused(stage: Stage) -> Iterator[str]:
    """After more wrong passwords than are free."""
    newcomer = stage.scene.people["newcomer"]
    login = str(stage.scene.somebody()["id_number"])
    while newcomer.call("POST", "/sessions", guess(newcomer, login)).status != 429:
        pass
    page = stage.open("anybody", LOGIN)
    page.fill("#login", login)
    page.fill("#password", "không phải")
    submit(page)
    yield "paused"


def guess(who: Caller, login: str) -> dict[str, str]:
    return {"login": login, "password": "không phải", "captcha": who.captcha()}


def login_code(stage: Stage) -> Iterator[str]:
    page, newcomer = stage.open("anybody", LOGIN), stage.scene.people["newcomer"]
    page.fill("#login", newcomer.login)
    page.fill("#password", newcomer.password)
    sent = stage.visitor(page).code_sent_to(newcomer.phone, lambda: submit(page))
    yield "empty"
    type_code(page, "000000")
    yield "wrong"
    type_code(page, sent)
    stage.forget("anybody")


STATES: States = {
    FORMS: form,
    "/dang-ky/ma": code,
    "/dang-ky/het-han": anybody("/dang-ky/het-han"),
    "/dang-ky/mat-khau": password,
    "/dang-ky/xong": done,
    LOGIN: login,
    "/dang-nhap/ma": login_code,
}
