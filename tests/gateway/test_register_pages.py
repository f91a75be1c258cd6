from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from tests.gateway.public_portal import CODE, ID_NUMBER, Portal, running, settings

FORM = "/dang-ky/cong-dan/dien-thoai"
PERSON = {
    "full_name": "Nguyễn Văn An",
    "id_number": ID_NUMBER,
    "date_of_birth": "3/2/1999",
    "phone": "0912000017",
    "email": "",
    "captcha": "solved",
}


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def client(portal: Portal) -> Iterator[FlaskClient]:
    with running(portal) as url:
        yield create_app(settings(url)).test_client()


def send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    client.get(FORM)
    with client.session_transaction() as kept:
        token = kept["csrf"]
    return client.post(path, data={"csrf": token} | form)


def test_a_citizen_registers_page_by_page(client: FlaskClient, portal: Portal) -> None:
    assert send(client, FORM, **PERSON).location == "/dang-ky/ma"
    assert "091•••••17" in client.get("/dang-ky/ma").text
    assert b'"date_of_birth": "1999-02-03"' in next(
        body for body in portal.bodies if b"person" in body
    ).replace(b'":"', b'": "')
    assert send(client, "/dang-ky/ma", code=f" {CODE[:3]} {CODE[3:]}").location == "/dang-ky/mat-khau"
    chosen = {"password": "cá chép hóa rồng", "again": "cá chép hóa rồng"}
    assert send(client, "/dang-ky/mat-khau", **chosen).location == "/dang-ky/xong"
    assert "Đã đăng ký xong" in client.get("/dang-ky/xong").text


def test_an_empty_form_names_every_field_once_and_asks_nobody(client: FlaskClient, portal: Portal) -> None:
    page = send(client, FORM).text
    for field in ("full_name", "id_number", "date_of_birth", "phone", "captcha"):
        assert f'href="#{field}"' in page
        assert f'id="{field}-error"' in page
    assert portal.called("POST", "/api/v1/registrations") == 0


def test_what_was_typed_stays_when_something_is_wrong(client: FlaskClient) -> None:
    answer = send(client, FORM, **(PERSON | {"date_of_birth": "31/02/1999"}))
    assert answer.status_code == 422
    assert 'value="Nguyễn Văn An"' in answer.text
    assert 'name="captcha" value="solved"' in answer.text


def test_a_fault_the_service_finds_stands_at_its_field_and_the_spent_captcha_is_gone(
    client: FlaskClient,
) -> None:
    page = send(client, FORM, **(PERSON | {"id_number": "123"})).text
    assert 'id="id_number-error"' in page
    assert 'name="captcha" value=""' in page


def test_someone_registered_already_is_shown_the_way_to_log_in(client: FlaskClient) -> None:
    send(client, FORM, **PERSON)
    waits_for(client, "known")
    answer = send(client, "/dang-ky/ma", code=CODE)
    assert answer.status_code == 409
    assert "đã được đăng ký tài khoản" in answer.text
    assert '<a class="button large" href="/dang-nhap">' in answer.text
    assert 'id="code"' not in answer.text


def test_without_javascript_the_page_turns_to_a_picture_and_a_sound(
    client: FlaskClient, portal: Portal
) -> None:
    page = client.get(FORM).text
    assert f'<noscript><meta http-equiv="refresh" content="0; url={FORM}?captcha=picture">' in page
    assert portal.called("GET", "/api/v1/captcha/picture") == 0
    picture = client.get(f"{FORM}?captcha=picture").text
    assert "<noscript>" not in picture
    assert '/sound"' in picture
    answer = send(client, FORM, **(PERSON | {"captcha": "", "captcha_id": "p1", "captcha_digits": "12345"}))
    assert answer.location == "/dang-ky/ma"
    assert any(b"picture:p1:12345" in body for body in portal.bodies)


def test_a_wrong_code_is_said_at_the_code(client: FlaskClient) -> None:
    send(client, FORM, **PERSON)
    assert "Mã chưa đúng." in send(client, "/dang-ky/ma", code="000000").text
    assert "Nhập đủ 6 chữ số" in send(client, "/dang-ky/ma", code="12").text


def test_a_new_code_can_be_asked_for_and_a_reload_asks_for_no_other(
    client: FlaskClient, portal: Portal
) -> None:
    send(client, FORM, **PERSON)
    answer = send(client, "/dang-ky/ma/gui-lai")
    assert (answer.status_code, answer.location) == (303, "/dang-ky/ma")
    assert "Đã gửi mã mới" in client.get("/dang-ky/ma").text
    assert "Đã gửi mã mới" not in client.get("/dang-ky/ma").text
    assert portal.called("POST", "/api/v1/registrations/r1/code") == 1


def test_a_code_asked_for_too_soon_is_said_on_the_page_of_the_code(client: FlaskClient) -> None:
    send(client, FORM, **PERSON)
    waits_for(client, "too-soon")
    assert send(client, "/dang-ky/ma/gui-lai").location == "/dang-ky/ma"
    assert "Hãy chờ hết thời gian đếm ngược" in client.get("/dang-ky/ma").text


def test_the_address_that_asks_for_a_code_leads_back_to_the_page_of_the_code(client: FlaskClient) -> None:
    assert client.get("/dang-ky/ma/gui-lai").location == "/dang-ky/ma"


@pytest.mark.parametrize("path", ["/dang-ky/ma", "/dang-ky/ma/gui-lai"])
def test_a_registration_that_ran_out_says_so_and_starts_again(client: FlaskClient, path: str) -> None:
    send(client, FORM, **PERSON)
    waits_for(client, "gone")
    answer = send(client, path, code=CODE)
    assert (answer.status_code, answer.location) == (303, "/dang-ky/het-han")
    assert "Lượt đăng ký đã hết hạn" in client.get("/dang-ky/het-han").text
    assert client.get("/dang-ky/ma").location == "/dang-ky"


def waits_for(client: FlaskClient, registration: str) -> None:
    with client.session_transaction() as kept:
        kept["registration"] = kept["registration"] | {"id": registration}


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [
        ("short", "short", "password"),
        ("long enough", "another one", "again"),
        ("password", "password", "password"),
    ],
)
def test_a_password_that_will_not_do_is_explained(
    client: FlaskClient, password: str, again: str, field: str
) -> None:
    send(client, FORM, **PERSON)
    page = send(client, "/dang-ky/mat-khau", password=password, again=again).text
    assert f'id="{field}-error"' in page
    assert f'value="{password}"' not in page


@pytest.mark.parametrize("path", ["/dang-ky/ma", "/dang-ky/mat-khau"])
def test_a_later_step_without_the_first_leads_to_the_first(client: FlaskClient, path: str) -> None:
    assert client.get(path).location == "/dang-ky"
