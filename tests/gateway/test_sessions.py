import base64
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.forms import local_path, parse_date
from tests.gateway.public_portal import CODE, Portal, running, settings


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def app(portal: Portal) -> Iterator[Flask]:
    with running(portal) as url:
        yield create_app(settings(url))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def csrf(client: FlaskClient, path: str = "/dang-nhap") -> str:
    client.get(path)
    with client.session_transaction() as kept:
        return str(kept["csrf"])


def log_in(client: FlaskClient, **more: str) -> TestResponse:
    """Password, then the code of a new device; what the last step answered."""
    form = {"csrf": csrf(client), "login": "001099000017", "password": "right", "captcha": "solved"} | more
    answer = client.post("/dang-nhap", data=form)
    if answer.location == "/dang-nhap/ma":
        answer = client.post("/dang-nhap/ma", data={"csrf": form["csrf"], "code": CODE})
    return answer


def cookie(client: FlaskClient, name: str = "motcua") -> str | None:
    found = client.get_cookie(name)
    return found.value if found else None


def test_logging_in_on_a_new_device_asks_for_a_code_and_leads_back(client: FlaskClient) -> None:
    answer = log_in(client, next="/tro-giup")
    assert answer.location == "/tro-giup"
    assert cookie(client) == "refresh-1"
    assert cookie(client, "motcua-device") == "device-1"
    page = client.get("/").text
    assert "Nguyễn Văn An" in page
    assert "Đăng xuất" in page


def test_a_new_code_comes_with_logging_in_again_once_the_countdown_ended_and_leads_back_too(
    client: FlaskClient,
) -> None:
    form = {"csrf": csrf(client), "login": "001099000017", "password": "right", "captcha": "solved"}
    client.post("/dang-nhap", data=form | {"next": "/tro-giup"})
    page = client.get("/dang-nhap/ma").text
    again = page.split('<form class="resend" method="get" action="/dang-nhap">')[1].split("</form>")[0]
    assert '<input type="hidden" name="next" value="/tro-giup">' in again
    with client.session_transaction() as kept:
        assert f'data-resend-at="{kept["login"]["resend_at"]}"' in again
    assert "Không nhận được mã?" in page


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    headers = log_in(client).headers.getlist("Set-Cookie")
    ours = [header for header in headers if header.startswith("motcua")]
    assert len(ours) == 4
    assert all("HttpOnly" in header and "SameSite=Lax" in header and "Path=/" in header for header in ours)


def test_over_https_every_cookie_is_bound_to_the_host(portal: Portal) -> None:
    portal.known_device = True
    with running(portal) as url:
        app = create_app(settings(url, public_url="https://portal.test"))
        client = app.test_client()
        page = client.get("/dang-nhap", base_url="https://portal.test").text
        token = page.split('name="csrf" value="')[1].split('"')[0]
        form = {"csrf": token, "login": "001099000017", "password": "right", "captcha": "x"}
        answer = client.post("/dang-nhap", data=form, base_url="https://portal.test")
    ours = [header for header in answer.headers.getlist("Set-Cookie") if "motcua" in header]
    assert len(ours) == 4
    assert all(header.startswith("__Host-") and "Secure" in header for header in ours)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:x", ""]
)
def test_after_login_nobody_is_led_out_of_the_portal(client: FlaskClient, elsewhere: str) -> None:
    assert log_in(client, next=elsewhere).location == "/tai-khoan"
    assert local_path(elsewhere) == "/"


def test_a_wrong_password_is_said_at_the_form_and_keeps_the_login(client: FlaskClient) -> None:
    form = {"csrf": csrf(client), "login": "001099000017", "password": "wrong", "captcha": "solved"}
    answer = client.post("/dang-nhap", data=form)
    assert answer.status_code == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in answer.text
    assert 'value="001099000017"' in answer.text
    assert "wrong" not in answer.text


def test_a_token_about_to_end_is_swapped_and_the_cookie_with_it(portal: Portal, client: FlaskClient) -> None:
    portal.lifetime = 1
    log_in(client)
    client.get("/tro-giup")
    assert portal.refreshes == 1
    assert cookie(client) == "refresh-2"
    client.get("/tro-giup")
    assert portal.refreshes == 1


@pytest.mark.parametrize("claims", ['{"exp": "soon"}', "[]", '{"exp": null}', "\\xff"])
def test_a_cookie_somebody_made_up_is_no_token_and_no_error(client: FlaskClient, claims: str) -> None:
    forged = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    client.set_cookie("motcua", "made-up")
    client.set_cookie("motcua-access", f"x.{forged}.x")
    assert client.get("/").status_code == 200


def test_two_tabs_with_the_same_cookie_swap_it_once(portal: Portal, app: Flask) -> None:
    def open_tab(answers: list[str | None]) -> None:
        tab = app.test_client()
        tab.set_cookie("motcua", "refresh-shared")
        tab.get("/tro-giup")
        answers.append(cookie(tab))

    answers: list[str | None] = []
    tabs = [threading.Thread(target=open_tab, args=(answers,)) for _ in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert portal.refreshes == 1
    assert answers == ["refresh-2"] * 8


def test_a_session_that_ended_leads_to_a_login_page_that_says_so(portal: Portal, client: FlaskClient) -> None:
    client.set_cookie("motcua", "refresh-ended")
    portal.refresh_refused = True
    answer = client.get("/tai-khoan", follow_redirects=True)
    assert answer.request.path == "/dang-nhap"
    assert "Phiên đăng nhập đã kết thúc" in answer.text
    assert cookie(client) is None


def test_with_identity_away_the_session_is_kept_for_later(portal: Portal) -> None:
    client = create_app(settings("http://127.0.0.1:9")).test_client()
    client.set_cookie("motcua", "refresh-kept")
    assert client.get("/tro-giup").status_code == 200
    assert client.get("/tai-khoan").status_code == 503
    assert cookie(client) == "refresh-kept"


def test_logging_out_tells_identity_and_forgets(portal: Portal, client: FlaskClient) -> None:
    log_in(client)
    answer = client.post("/dang-xuat", data={"csrf": csrf(client, "/tro-giup")})
    assert answer.location == "/da-dang-xuat"
    assert portal.called("DELETE", "/api/v1/sessions/current") == 1
    assert cookie(client) is None
    assert cookie(client, "motcua-device") == "device-1"


@pytest.mark.parametrize(("token", "origin"), [("", None), ("guess", None), (None, "https://evil.test")])
def test_a_form_of_another_site_does_nothing(
    portal: Portal, client: FlaskClient, token: str | None, origin: str | None
) -> None:
    right = csrf(client)
    form = {"csrf": right if token is None else token, "login": "a", "password": "right", "captcha": "x"}
    answer = client.post("/dang-nhap", data=form, headers={"Origin": origin} if origin else {})
    assert answer.status_code == 403
    assert "Bạn không vào được trang này" in answer.text
    assert portal.called("POST", "/api/v1/sessions") == 0


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("03/02/1999", "1999-02-03"),
        ("3.2.1999", "1999-02-03"),
        ("03021999", "1999-02-03"),
        ("1999-02-03", "1999-02-03"),
        ("31/02/1999", None),
        ("hôm qua", None),
        ("", None),
    ],
)
def test_a_date_is_read_the_way_people_type_it(typed: str, iso: str | None) -> None:
    assert parse_date(typed) == iso
