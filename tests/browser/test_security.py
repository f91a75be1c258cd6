"""The ways back into an account, in a real Chromium: with a mouse, the keyboard alone, JavaScript off."""

from typing import Any

from tests.browser.conftest import Newcomer
from tests.browser.states.security import SECURITY, link_of, spare
from tests.browser.visitor import PASSWORD, Visitor
from tests.system.caller import citizen, people
from tests.system.portal import Portal, eventually

NEW = "Một-mật-khẩu mới 2027"


def type_person(visitor: Visitor, person: Any, login: str, phone: str | None = None) -> None:
    year, month, day = person["date_of_birth"].split("-")
    visitor.pass_captcha_by_eye()
    visitor.write("full_name", person["full_name"])
    visitor.write(login, person["id_number"])
    visitor.write("date_of_birth", f"{day}/{month}/{year}")
    if phone:
        visitor.write("phone", phone)
    visitor.type_captcha()


def test_a_forgotten_password_is_set_anew_and_a_session_ended(newcomer: Newcomer, portal: Portal) -> None:
    (person,) = people(portal, 1)
    citizen(portal, person).register(person)
    an = newcomer()
    an.go("/dang-nhap")
    an.follow("Quên mật khẩu?", "/quen-mat-khau*")
    type_person(an, person, "login")
    an.type_code(an.code_sent_to(person["phone"], lambda: an.send("Gửi mã", "/quen-mat-khau/ma")))
    an.at("/quen-mat-khau/mat-khau")
    an.write("password", NEW)
    an.write("again", NEW)
    an.send("Lưu mật khẩu", "/dang-nhap?ended=password*")
    an.sees("Đã đặt mật khẩu mới")
    an.log_in(person["id_number"], person["phone"], "/tai-khoan", NEW)
    an.follow("Bảo mật và dữ liệu", SECURITY)
    an.sees("Thiết bị này")
    an.send("Đăng xuất khỏi mọi thiết bị", "/da-dang-xuat")


def test_a_lost_phone_is_made_good_and_the_owner_stops_it_by_the_link(
    newcomer: Newcomer, portal: Portal
) -> None:
    (person,) = people(portal, 1)
    citizen(portal, person).register(person)
    thief = newcomer()
    thief.go("/dang-nhap")
    thief.follow("Mất điện thoại hoặc không còn dùng số cũ?", "/mat-dien-thoai*")
    phone = spare(person["phone"])
    type_person(thief, person, "id_number", phone)
    thief.type_code(thief.code_sent_to(phone, lambda: thief.send("Gửi mã đến số mới", "/mat-dien-thoai/ma")))
    thief.at("/mat-dien-thoai/mat-khau")
    thief.write("password", NEW)
    thief.write("again", NEW)
    thief.send("Lưu mật khẩu", "/mat-dien-thoai/da-nhan")
    owner = newcomer()
    owner.go(eventually(lambda: link_of(portal, person["phone"])))
    owner.send("Dừng lại", "/dung-lai")
    owner.sees("Đã dừng khôi phục tài khoản")


def test_a_password_is_changed_with_the_old_one(newcomer: Newcomer, portal: Portal) -> None:
    (person,) = people(portal, 1)
    citizen(portal, person).register(person)
    an = newcomer()
    an.go("/dang-nhap")
    an.log_in(person["id_number"], person["phone"], "/tai-khoan")
    an.go(SECURITY)
    an.follow("Đổi mật khẩu", f"{SECURITY}/mat-khau")
    an.write("password", NEW)
    an.write("again", NEW)
    an.write("current_password", PASSWORD)
    an.send("Đổi mật khẩu", SECURITY)
    an.sees("Đã đổi mật khẩu")
