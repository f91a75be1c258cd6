"""The main path in a real Chromium: with a mouse, with the keyboard alone, and with JavaScript off."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.answers import BIRTH, PDF, complete, papers
from tests.browser.conftest import Newcomer
from tests.browser.visitor import PASSWORD, Visitor
from tests.system.caller import Caller, citizen, people, sent
from tests.system.portal import Portal, eventually

OFFICE = "H01"
STEPS = ["Mới đăng ký", "Được tiếp nhận", "Đang xử lý", "Đã xử lý xong", "Đã trả kết quả"]
TOLD = [
    "Đã nộp hồ sơ {code}",
    "Hồ sơ {code} đã được tiếp nhận",
    "Hồ sơ {code} đang được xử lý",
    "Hồ sơ {code} đã có kết quả",
    "Đã trả kết quả hồ sơ {code}",
]


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    made = tmp_path / "giấy chứng sinh.pdf"
    made.write_bytes(PDF)
    return made


def test_from_the_home_page_to_the_finished_dossier(
    newcomer: Newcomer, portal: Portal, officials: dict[str, Caller], paper: Path
) -> None:
    (person,) = people(portal, 1)
    an = newcomer()
    an.register(person)
    an.follow("Đăng nhập", "/dang-nhap*")
    an.log_in(person["id_number"], person["phone"], "/tai-khoan")
    assert tallies(an) == {"Đang xử lý": 0, "Đã hoàn thành": 0, "Chờ bạn": 0}

    code, receipt = send_dossier(an, paper)
    an.follow("Theo dõi hồ sơ", f"/ho-so/{code}")
    assert timeline(an) == STEPS[:1]
    assert tallies(an) == {"Đang xử lý": 1, "Đã hoàn thành": 0, "Chờ bạn": 0}

    desk = newcomer()
    desk.go("/dang-nhap")
    desk.log_in("canbo.h01", officials["H01"].phone, "/can-bo")
    decide_it(desk, code, person)

    an.follow("Đã hoàn thành", "/tai-khoan?loc=completed")
    assert tallies(an) == {"Đang xử lý": 0, "Đã hoàn thành": 1, "Chờ bạn": 0}
    an.follow("Đăng ký khai sinh", f"/ho-so/{code}")
    assert timeline(an) == STEPS
    reads_the_news(an, code)
    rates_once(an, code)
    phone_was_told(portal, person, code)

    anybody_follows(newcomer(), code, receipt)
    other_agency_sees_nothing(newcomer(), officials["G01"], code)
    asks_for_another_back(an, desk, person)


def send_dossier(an: Visitor, paper: Path) -> tuple[str, str]:
    """From the services to the page with the code; the code and the address in the QR."""
    procedure = Caller(an.portal, phone="", login="").get(f"/procedures/{BIRTH}")
    answers = complete(procedure, copies=2)
    assert papers(procedure, answers) == ["birth-proof"]
    an.follow("Công dân", "/cong-dan", within="header")
    an.follow("Có con nhỏ", "/cong-dan?event=co-con-nho")
    an.follow("Đăng ký khai sinh", f"/thu-tuc/{BIRTH}")
    an.follow("Nộp hồ sơ", f"/ho-so/moi?procedure={BIRTH}")
    an.hands.tick(an.page.locator(f"input[name=agency][value={OFFICE}]"))
    an.send("Bắt đầu điền", "/ho-so/nhap/*/buoc/1")
    an.fill_form(procedure, answers)
    an.at("/ho-so/nhap/*/giay-to")
    an.put_up("birth-proof", paper)
    an.follow("Tiếp tục: kiểm tra lại", "/ho-so/nhap/*/kiem-tra")
    for shown in (answers["birth_facility"], "03/02/2020", paper.name, "UBND phường Cửa Nam"):
        an.sees(shown)
    an.hands.tick(an.page.locator("#consent"))
    an.send("Gửi hồ sơ", "/ho-so/*/da-gui")
    code = an.page.locator(".code-plate").inner_text()
    assert re.fullmatch(rf"{OFFICE}-\d{{6}}-\d{{4,}}", code)
    assert an.page.locator(".qr-link svg.qr").is_visible()
    return code, str(an.page.locator(".qr-link").get_attribute("href"))


def tallies(an: Visitor) -> dict[str, int]:
    """The account page's three doors, and the numbers on them."""
    an.follow("Thông tin tài khoản", "/tai-khoan", within="header")
    doors = an.page.locator(".tally").all()
    return {
        door.get_by_role("link").inner_text().split(":")[0].strip(): int(door.locator("strong").inner_text())
        for door in doors
    }


def timeline(who: Visitor) -> list[str]:
    """The steps so far, oldest first."""
    return list(reversed(who.page.locator(".timeline h3").all_inner_texts()))


def decide_it(desk: Visitor, code: str, person: Mapping[str, Any]) -> None:
    open_in_queue(desk, code)
    for shown in (person["full_name"], "giấy chứng sinh.pdf", "Cửa Nam"):
        desk.sees(shown)
    with desk.page.expect_download() as download:
        desk.hands.press(desk.link("giấy chứng sinh.pdf"))
    assert download.value.path().read_bytes() == PDF
    for action, at in (
        ("Tiếp nhận hồ sơ", "accept"),
        ("Chuyển xử lý", "forward"),
        ("Xác nhận xử lý xong", "finish"),
        ("Trả kết quả", "hand-over"),
    ):
        desk.follow(action, f"/can-bo/ho-so/{code}/{at}?version=*")
        desk.hands.press(desk.button(action))
        desk.sees(f"Đã ghi: {action}")
    assert timeline(desk) == STEPS


def open_in_queue(desk: Visitor, code: str) -> None:
    desk.follow("Bàn làm việc", "/can-bo", within="header")
    while not desk.page.locator(".queue").get_by_text(code).count():
        desk.follow("Trang sau", "/can-bo?cursor=*")
    desk.follow(code, f"/can-bo/ho-so/{code}")


def reads_the_news(an: Visitor, code: str) -> None:
    def told() -> bool:
        an.go("/thong-bao")
        return an.page.locator(".news > li").count() == len(TOLD)

    eventually(told)
    titles = an.page.locator(".news h2").all_inner_texts()
    assert titles == [title.format(code=code) for title in reversed(TOLD)]
    an.hands.press(an.button("Đánh dấu đã đọc tất cả"))
    an.sees("Bạn đã đọc hết thông báo.")


def rates_once(an: Visitor, code: str) -> None:
    an.go(f"/ho-so/{code}")
    an.follow("Đánh giá việc phục vụ", f"/ho-so/{code}/danh-gia")
    an.hands.tick(an.page.locator("input[name=satisfaction][value='5']"))
    for index in ("total_time", "agency_time", "contacts", "agencies_visited", "attitude"):
        an.hands.tick(an.page.locator(f"input[name={index}][value='2']"))
    an.write("comment", "Rất nhanh, cảm ơn.")
    an.send("Gửi đánh giá", f"/ho-so/{code}")
    an.sees("Đã ghi nhận đánh giá.")
    an.go(f"/ho-so/{code}/danh-gia")
    an.sees("Mỗi hồ sơ chỉ đánh giá một lần.")


def phone_was_told(portal: Portal, person: Mapping[str, Any], code: str) -> None:
    """One SMS each: two codes, and one for every step; nothing personal but the code."""
    texts = [m["text"] for m in reversed(portal.messages(person["phone"]))]
    assert "là mã xác nhận đăng ký Cổng dịch vụ công" in texts[0]
    assert "là mã đăng nhập Cổng dịch vụ công" in texts[1]
    office = "UBND phường Cửa Nam, Hà Nội"
    assert texts[2].startswith(f"Hồ sơ {code} đã gửi đến {office}. Cơ quan trả lời chậm nhất ")
    assert texts[3].startswith(f"{office} đã tiếp nhận hồ sơ {code}. Hẹn trả kết quả: ")
    assert texts[4].startswith(f"{office} đang xử lý hồ sơ {code}. Hẹn trả kết quả: ")
    assert texts[5] == f"{office} đã xử lý xong hồ sơ {code}. Kết quả đã sẵn sàng để trả cho bạn."
    assert texts[6] == f"{office} đã trả kết quả hồ sơ {code}. Mời bạn đánh giá tại Cổng dịch vụ công."
    assert len(texts) == 7
    assert person["id_number"] not in "".join(texts)


def anybody_follows(anybody: Visitor, code: str, receipt: str) -> None:
    """By the code alone: how far it is. With the receipt's key: what it is and its story."""
    anybody.go("/")
    anybody.write("code", code)
    anybody.send("Xem tình trạng", f"/tra-cuu/{code}")
    anybody.sees("Đã trả kết quả")
    assert timeline(anybody) == []
    anybody.page.goto(receipt)
    anybody.at(f"/tra-cuu/{code}?key=*")
    anybody.sees("Đăng ký khai sinh")
    assert timeline(anybody) == STEPS


def other_agency_sees_nothing(other: Visitor, official: Caller, code: str) -> None:
    other.go("/dang-nhap")
    other.log_in(official.login, official.phone, "/can-bo")
    for shown in ("", "?trang-thai=10"):
        other.go(f"/can-bo{shown}")
        assert code not in other.page.content()
    answer = other.page.goto(other.portal.url("gateway") + f"/can-bo/ho-so/{code}")
    assert answer is not None
    assert answer.status == 404
    assert "Đăng ký khai sinh" not in other.page.locator("main").inner_text()


def asks_for_another_back(an: Visitor, desk: Visitor, person: Mapping[str, Any]) -> None:
    code = sent_through_the_api(an.portal, person)
    an.go(f"/ho-so/{code}")
    an.follow("Rút hồ sơ", f"/ho-so/{code}/rut")
    an.write("reason", "Tôi nộp nhầm.")
    an.send("Gửi yêu cầu rút", f"/ho-so/{code}")
    assert timeline(an)[-1] == "Công dân yêu cầu rút hồ sơ"
    open_in_queue(desk, code)
    desk.sees("Tôi nộp nhầm.")
    desk.follow("Đồng ý cho rút", f"/can-bo/ho-so/{code}/close-withdrawal?version=*")
    desk.hands.press(desk.button("Đồng ý cho rút"))
    desk.sees("Đã ghi: Đồng ý cho rút")
    an.go(f"/ho-so/{code}")
    an.sees("Đã rút theo yêu cầu của bạn")
    assert tallies(an) == {"Đang xử lý": 0, "Đã hoàn thành": 1, "Chờ bạn": 0}


def sent_through_the_api(portal: Portal, person: Mapping[str, Any]) -> str:
    caller = citizen(portal, person)
    caller.password = PASSWORD
    caller.log_in()
    return str(sent(caller)["code"])
