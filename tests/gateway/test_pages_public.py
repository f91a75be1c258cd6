import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import gateway
from gateway import texts
from gateway.app import create_app
from gateway.pages import catalogue
from gateway.pages.services import in_force
from tests.gateway.public_portal import Portal, running, settings

HERE = Path(gateway.__file__).parent
USED = re.compile(r"""\bt\(\s*f?["']([a-zA-Z0-9_.{}-]+)["']( ~)?""")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
PAGES = [
    "/",
    "/cong-dan",
    "/cong-dan?event=co-con-nho",
    "/doanh-nghiep",
    "/thu-tuc?q=khai",
    "/thu-tuc/1.001193",
    "/dang-ky",
    "/dang-ky/cong-dan",
    "/dang-ky/doanh-nghiep",
    "/dang-ky/cong-dan/sap-co/post",
    "/dang-ky/doanh-nghiep/sap-co/usb-token",
    "/dang-ky/cong-dan/dien-thoai",
    "/dang-ky/cong-dan/bao-hiem-xa-hoi",
    "/dang-nhap",
    "/da-dang-xuat",
    "/tra-cuu",
    "/tra-cuu/H01-261123-0001",
    "/phan-anh",
    "/nop-phat",
    "/thanh-toan",
    "/tro-giup",
    "/tiep-can",
    "/rieng-tu",
    "/api",
    "/trang-thai",
]


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def app(portal: Portal) -> Iterator[Flask]:
    catalogue.forget()
    with running(portal) as url:
        yield create_app(settings(url))
    catalogue.forget()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_each_public_page_is_small_whole_and_in_the_readers_language(
    client: FlaskClient, path: str, language: str
) -> None:
    client.set_cookie("lang", language)
    answer = client.get(path)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert len(answer.data) < 60_000
    assert answer.text.count("<h1") == 1
    assert not re.search(r'(?:src|action)="(?:https?:)?//', answer.text)
    assert not re.search(r"<[^>]+\s(?:style|onclick|onload)=", answer.text)


def test_a_first_visit_with_style_and_scripts_stays_below_60_kb(client: FlaskClient) -> None:
    page = client.get("/").text
    total = len(page.encode())
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        with client.get(address) as answer:
            assert answer.status_code == 200
            total += len(answer.data)
    assert total < 60_000


def test_no_link_of_a_public_page_is_dead(app: Flask, client: FlaskClient) -> None:
    links = {
        link for path in PAGES for link in re.findall(r'(?:href|action)="(/[^"#]*)"', client.get(path).text)
    }
    adapter = app.url_map.bind("localhost")
    unknown = [link for link in links if not adapter.test(link.split("?")[0], "GET") and link != "/dang-xuat"]
    assert unknown == []


def test_each_page_of_what_is_to_come_is_reached_by_links_from_home(app: Flask, client: FlaskClient) -> None:
    wanted = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == "about.coming"}
    seen, ahead = {"/"}, ["/"]
    while ahead and not wanted <= seen:
        found = set(re.findall(r'<a [^>]*href="(/[^"#]*)', client.get(unescape(ahead.pop(0))).text))
        new = {link for link in found - seen if "lang=" not in link}
        seen |= new
        ahead += sorted(new)
    assert wanted - seen == set()
    assert len(wanted) == 3


@pytest.mark.parametrize(
    ("asked", "address", "there"),
    [
        ("/thu-tuc?q=nộp+phạt", "/nop-phat", True),
        ("/thu-tuc?q=nop+phat,", "/nop-phat", True),
        ("/cong-dan?q=fine", "/nop-phat", True),
        ("/cong-dan?event=phuong-tien-va-nguoi-lai", "/nop-phat", True),
        ("/thu-tuc?q=thanh+toan", "/thanh-toan", True),
        ("/thu-tuc/1.001193", "/thanh-toan", True),
        ("/doanh-nghiep?q=nop+phat", "/nop-phat", False),
        ("/cong-dan?event=co-con-nho", "/nop-phat", False),
        ("/cong-dan?event=phuong-tien-va-nguoi-lai&q=...", "/nop-phat", False),
        ("/thu-tuc", "/nop-phat", False),
        ("/thu-tuc?q=nop+phat&cursor=2", "/nop-phat", False),
    ],
)
def test_what_is_to_come_is_found_where_people_look_for_it(
    client: FlaskClient, asked: str, address: str, there: bool
) -> None:
    main = client.get(asked).text.partition("<main")[2]
    assert (f'href="{address}"' in main) is there


def test_a_choice_of_language_is_kept_and_leaves_the_address(client: FlaskClient) -> None:
    answer = client.get("/thu-tuc?q=khai&lang=en")
    assert answer.location == "/thu-tuc?q=khai"
    assert "All services" in client.get("/thu-tuc").text


def test_searching_finds_and_says_so_when_nothing_is_found(client: FlaskClient) -> None:
    assert "Đăng ký khai sinh" in client.get("/thu-tuc?q=khai").text
    nothing = client.get("/thu-tuc?q=xyz").text
    assert "Không tìm thấy thủ tục nào" in nothing


def test_a_procedure_says_what_it_takes_and_which_fee_counts_today(client: FlaskClient) -> None:
    page = client.get("/thu-tuc/1.001193").text
    for words in (
        "Giấy chứng sinh",
        "Trẻ sinh tại cơ sở y tế",
        "135.000 đ",
        "Hiện không áp dụng",
        "60/2014/QH13",
    ):
        assert words in page
    assert 'href="/ho-so/moi?procedure=1.001193"' in page
    reduced = {"valid_from": "2023-12-01", "valid_to": "2025-12-31"}

    assert in_force(reduced, date(2025, 12, 31))
    assert not in_force(reduced, date(2026, 1, 1))
    assert in_force({}, date(2026, 1, 1))


def test_a_procedure_that_is_not_there_is_a_designed_404(client: FlaskClient) -> None:
    answer = client.get("/thu-tuc/9.999999")
    assert answer.status_code == 404
    assert "Bạn có thể làm gì" in answer.text


@pytest.mark.parametrize("path", ["/thu-tuc/", "/tra-cuu/"])
@pytest.mark.parametrize("code", ["%2e%2e", "%2e", "%3fx", "x%3fkey=1", "%23", "%25", "1.001193%3fversion=1"])
def test_an_address_that_is_no_code_is_not_found_and_asks_no_service(
    portal: Portal, client: FlaskClient, path: str, code: str
) -> None:
    answer = client.get(path + code)
    assert answer.status_code == 404
    assert "Bạn có thể làm gì" in answer.text or "Không có" in answer.text
    assert [asked for _, asked in portal.calls if asked.startswith(("/api/v1/pro", "/api/v1/tra"))] == []


def test_the_home_page_adds_up_the_ratings_of_all_agencies(portal: Portal, client: FlaskClient) -> None:
    portal.rated = [10] * 20 + [1] * 130 + [0] * 200
    assert "<strong>330</strong>" in client.get("/").text
    assert portal.called("GET", "/api/v1/statistics/agencies") == 2


def test_the_home_page_keeps_the_catalogue_while_it_is_away(portal: Portal) -> None:
    catalogue.forget()
    with running(portal) as url:
        app = create_app(settings(url))
        assert "Có con nhỏ" in app.test_client().get("/").text
    catalogue.events.until = 0
    page = app.test_client().get("/")
    catalogue.forget()
    assert page.status_code == 200
    assert "Có con nhỏ" in page.text


def test_tracking_by_code_shows_no_more_than_status_and_dates(client: FlaskClient) -> None:
    page = client.get("/tra-cuu?code=h01-261123-0001", follow_redirects=True).text
    assert "Được tiếp nhận" in page
    assert "Đăng ký khai sinh" not in page
    assert "Quét mã QR" in page


def test_tracking_with_the_receipts_key_shows_the_history(client: FlaskClient) -> None:
    page = client.get("/tracking/H01-261123-0001?key=secret", follow_redirects=True).text
    assert "Đăng ký khai sinh" in page
    assert "Mới đăng ký" in page
    assert page.count("UBND phường Cửa Nam, Hà Nội") == 2
    assert ">H01<" not in page


@pytest.mark.parametrize(
    ("code", "status", "words"), [("abc", 200, "đúng dạng"), ("H01-261123-0009", 404, "Không có")]
)
def test_a_code_that_leads_nowhere_is_explained(
    client: FlaskClient, code: str, status: int, words: str
) -> None:
    answer = client.get(f"/tra-cuu?code={code}", follow_redirects=True)
    assert answer.status_code == status
    assert words in answer.text


def test_the_status_page_names_what_is_away() -> None:
    page = create_app(settings("http://127.0.0.1:9")).test_client().get("/trang-thai").text
    assert page.count("Tạm ngưng") == 5


def test_both_languages_have_the_same_texts_with_the_same_placeholders() -> None:
    vi, en = texts.load("vi"), {k: v for k, v in texts.load("en").items() if not k.endswith("_one")}
    assert vi.keys() == en.keys()
    different = [key for key in vi if set(PLACEHOLDER.findall(vi[key])) != set(PLACEHOLDER.findall(en[key]))]
    assert different == []


def test_every_text_a_page_asks_for_is_there() -> None:
    known = texts.load("vi")
    files = [*HERE.rglob("*.html"), *HERE.rglob("*.py")]
    wanted = {found for path in files for found in USED.findall(path.read_text("utf-8"))}
    assert len(wanted) > 150
    missing = [key for key, more in wanted if not there(key, bool(more), known)]
    assert missing == []


def there(key: str, unfinished: bool, known: dict[str, str]) -> bool:
    if unfinished or "{" in key:
        return any(name.startswith(key.split("{", maxsplit=1)[0]) for name in known)
    return key in known
