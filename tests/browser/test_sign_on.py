"""Signing in to another site with an account of the portal, and out of both, in a real Chromium: with a
mouse, with the keyboard alone, and with JavaScript off."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.people import Person
from sandbox.people import named as everybody
from sandbox.relying_party.client import Registered
from sandbox.upstream import provider
from tests.browser import ministry
from tests.browser.conftest import Newcomer
from tests.browser.visitor import PASSWORD, Visitor
from tests.system.caller import citizen, people
from tests.system.portal import Portal, eventually


@pytest.fixture(scope="module")
def there(portal: Portal) -> Registered:
    return ministry.registered(portal)


@pytest.fixture
def person(portal: Portal) -> Mapping[str, Any]:
    """With an account already."""
    (made,) = people(portal, 1)
    citizen(portal, made).register(made)
    return made


def logged_in(newcomer: Newcomer, person: Mapping[str, Any]) -> Visitor:
    an = newcomer()
    an.go("/dang-nhap")
    an.log_in(person["id_number"], person["phone"], "/tai-khoan")
    return an


def is_there(an: Visitor, there: Registered) -> None:
    an.page.wait_for_url(re.compile(re.escape(there.home) + r"(\?.*|#.*)?$"))


def goes_to_sign_in(an: Visitor, there: Registered, by: str = "Đăng nhập bằng Một cửa") -> None:
    an.page.goto(there.home)
    an.sees("Bạn chưa đăng nhập")
    with an.page.expect_navigation():
        an.hands.press(an.link(by))


def allows(an: Visitor, there: Registered) -> None:
    an.at("/dang-nhap-noi-khac/*")
    an.sees("Số căn cước")
    an.hands.press(an.button("Đồng ý và tiếp tục"))
    is_there(an, there)


def test_a_person_signs_in_elsewhere_and_out_again(
    newcomer: Newcomer, there: Registered, person: Mapping[str, Any]
) -> None:
    an = newcomer()
    goes_to_sign_in(an, there)
    an.page.wait_for_url("**/dang-nhap?**")
    an.log_in(person["id_number"], person["phone"], "/dang-nhap-noi-khac/*")
    an.sees(f"Đăng nhập vào {ministry.NAME}")
    allows(an, there)
    an.sees(person["full_name"])
    an.sees(person["id_number"])

    an.hands.press(an.button("Đăng xuất khỏi Bộ Ví dụ"))
    an.sees("Bạn vẫn đang đăng nhập ở Cổng Một cửa")
    an.hands.press(an.link("Đăng xuất cả ở Cổng Một cửa"))
    an.page.wait_for_url("**/oauth2/logout?**")
    an.hands.press(an.button("Đăng xuất"))
    is_there(an, there)
    an.sees("Bạn chưa đăng nhập")
    an.go("/tai-khoan")
    an.page.wait_for_url("**/dang-nhap?**")


def test_a_person_logged_in_is_asked_once_and_takes_it_back(
    newcomer: Newcomer, there: Registered, person: Mapping[str, Any]
) -> None:
    an = logged_in(newcomer, person)
    goes_to_sign_in(an, there)
    allows(an, there)
    with an.page.expect_navigation():
        an.hands.press(an.button("Đăng xuất khỏi Bộ Ví dụ"))
    goes_to_sign_in(an, there)
    is_there(an, there)
    an.sees(person["full_name"])

    an.go("/tai-khoan")
    an.follow("Những nơi bạn đăng nhập bằng tài khoản này", "/tai-khoan/dang-nhap-noi-khac")
    an.sees(ministry.NAME)
    an.hands.press(an.button("Rút lại"))
    an.sees("Bạn chưa dùng tài khoản này")
    an.page.context.clear_cookies(name="vi-du")
    goes_to_sign_in(an, there)
    an.at("/dang-nhap-noi-khac/*")
    an.hands.press(an.button("Không đồng ý"))
    an.sees("access_denied")


def test_who_logs_out_of_the_portal_is_signed_out_elsewhere_too(
    newcomer: Newcomer, there: Registered, person: Mapping[str, Any]
) -> None:
    an = logged_in(newcomer, person)
    goes_to_sign_in(an, there)
    allows(an, there)
    an.go("/oauth2/logout")
    an.send("Đăng xuất", "/da-dang-xuat")

    def is_out() -> bool:
        an.page.goto(there.home)
        return an.page.get_by_text("Bạn chưa đăng nhập").count() > 0

    eventually(is_out)


def test_more_assurance_than_a_person_has_is_told_to_the_other_site(
    newcomer: Newcomer, there: Registered, person: Mapping[str, Any]
) -> None:
    an = logged_in(newcomer, person)
    goes_to_sign_in(an, there, "Đăng nhập với mức xác thực cao")
    an.sees("Cần mức xác thực cao")
    an.hands.press(an.button("Không, quay lại"))
    an.sees("unmet_authentication_requirements")


def test_a_person_who_must_log_in_again_comes_back_to_where_they_were(
    newcomer: Newcomer, there: Registered, person: Mapping[str, Any]
) -> None:
    an = logged_in(newcomer, person)
    an.page.goto(there.home + "/vao?lai=1")
    an.at("/dang-nhap-noi-khac/*")
    an.sees("Hãy đăng nhập lại")
    an.hands.press(an.button("Đăng nhập lại"))
    an.page.wait_for_url("**/dang-nhap?**")
    an.pass_captcha_by_eye()
    an.write("login", person["id_number"])
    an.write("password", PASSWORD)
    an.type_captcha()
    an.hands.press(an.button("Đăng nhập"))
    allows(an, there)
    an.sees(person["full_name"])


def test_somebody_known_above_registers_with_what_is_known_and_then_just_comes_in(
    newcomer: Newcomer, portal: Portal
) -> None:
    """One way for each of the three, who each have to be somebody without an account."""
    an = newcomer()
    me = spare()
    comes_by_upstream(an, me)
    an.at("/dang-ky/ma")
    an.type_code(eventually(lambda: an.codes(me.phone))[0])
    an.at("/dang-ky/mat-khau")
    an.write("password", PASSWORD)
    an.write("again", PASSWORD)
    an.send("Đặt mật khẩu", "/dang-ky/xong")
    comes_by_upstream(an, me)
    an.at("/tai-khoan")
    an.sees(me.full_name)


def comes_by_upstream(an: Visitor, me: Person) -> None:
    an.go("/dang-nhap")
    an.pass_captcha_by_eye()
    an.hands.press(an.button(f"Đăng nhập bằng {provider.NAME}"))
    an.page.wait_for_url(f"**{provider.HOME}/authorize?**")
    with an.page.expect_navigation():
        an.hands.press(an.link(me.full_name))


SPARE = list(reversed(everybody().values()))


def spare() -> Person:
    return SPARE.pop()
