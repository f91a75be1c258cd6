"""The post office's pages: the slip at home, the clerk's counter, the way back from another browser."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from tests.gateway.public_portal import Portal, create, problem, running, settings
from tests.gateway.test_register_pages import PERSON, send

FORM, SLIP, BACK = "/dang-ky/cong-dan/buu-dien", "/dang-ky/phieu-hen", "/dang-ky/tiep-tuc"
CODE = "482109375519"
NONE = "Không có lượt đăng ký nào đang chờ mang mã này."


@dataclass
class Post:
    """What identity holds: one registration, and what the clerk sent."""

    state: str = "awaiting-counter"
    sent: list[tuple[str, Any]] = field(default_factory=list)

    def registration(self) -> dict[str, Any]:
        found = {"id": "r1", "state": self.state, "expires_at": "2026-12-04T02:00:00+00:00"}
        found |= {"registration_code": CODE}
        return found | ({"refusal": "Thẻ căn cước đã hết hạn."} if self.state == "refused" else {})

    def serve(self, app: Flask) -> None:
        @app.get("/api/v1/registrations/<id>")
        def registration(id: str) -> Any:
            return self.registration() if id == "r1" else problem(404, "registration-not-found", "Không có.")

        @app.post("/api/v1/registrations/resumption")
        def come_back() -> Any:
            right = request.get_json()["registration_code"] == CODE
            return self.registration() if right else problem(404, "registration-not-found", "Không có.")

        @app.post("/api/v1/counter/visits")
        def look() -> Any:
            return self.at_counter("look") or {
                "state": self.state,
                "full_name": "Phạm Thị Ước",
                "id_number": "001099000017",
                "date_of_birth": "1999-02-03",
                "expires_at": "2026-12-04T02:00:00+00:00",
            }

        @app.post("/api/v1/counter/visits/checked")
        def check() -> Any:
            if refused := self.at_counter("check"):
                return refused
            if self.state == "awaiting-code" and not request.get_json()["again"]:
                return problem(409, "code-already-given", "Lượt đăng ký này đã được cấp mã.")
            self.state = "awaiting-code"
            return {"code": "135790", "expires_at": "2026-12-04T02:00:00+00:00"}, 201

        @app.post("/api/v1/counter/visits/refused")
        def refuse() -> Any:
            return self.at_counter("refuse") or ("", 204)

    def at_counter(self, deed: str) -> Any:
        body = request.get_json()
        self.sent.append((deed, body))
        return None if body["registration_code"] == CODE else problem(404, "visit-not-found", NONE)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def gateway(post: Post) -> Iterator[Flask]:
    portal = Portal()
    app = create(portal)
    post.serve(app)
    with running(portal, app) as url:
        yield create_app(settings(url))


@pytest.fixture
def home(gateway: Flask) -> FlaskClient:
    """The browser in which the form was sent."""
    client = gateway.test_client()
    assert send(client, FORM, **PERSON).location == "/dang-ky/ma", "the fake begins like a phone's"
    with client.session_transaction() as kept:
        kept["registration"] = kept["registration"] | {"method": "post"}
    return client


@pytest.fixture
def clerk(gateway: Flask) -> FlaskClient:
    return official(gateway, "clerk")


def official(gateway: Flask, role: str) -> FlaskClient:
    said = {
        "sub": "0191",
        "kind": "official",
        "agency": "POST-10000",
        "roles": [role],
        "exp": time.time() + 600,
    }
    body = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    client = gateway.test_client()
    client.set_cookie("motcua", "refresh-1")
    client.set_cookie("motcua-access", f"e30.{body}.x")
    return client


def at_counter(clerk: FlaskClient, deed: str = "", code: str = CODE, **form: str) -> TestResponse:
    return send(clerk, f"/buu-cuc{deed}", registration_code=code, **form)


def test_the_slip_shows_the_code_to_read_out_and_the_way_back(home: FlaskClient) -> None:
    page = home.get(SLIP).text
    assert "4821 0937 5519" in page
    assert f"http://localhost{BACK}" in page
    assert "04/12/2026" in page
    assert "data-print" in page


def test_the_page_of_the_code_speaks_of_the_slip_and_offers_no_sms(home: FlaskClient) -> None:
    page = home.get("/dang-ky/ma").text
    assert "bưu cục đưa cho bạn" in page
    assert "/dang-ky/ma/gui-lai" not in page
    assert f'href="{SLIP}"' in page


def test_a_refusal_is_told_with_its_reason(home: FlaskClient, post: Post) -> None:
    post.state = "refused"
    page = home.get(SLIP).text
    assert "Thẻ căn cước đã hết hạn." in page
    assert CODE not in page


@pytest.mark.parametrize(
    ("state", "page"), [("awaiting-code", "/dang-ky/ma"), ("confirmed", "/dang-ky/mat-khau")]
)
def test_after_the_counter_the_slip_leads_on(home: FlaskClient, post: Post, state: str, page: str) -> None:
    post.state = state
    assert home.get(SLIP).location == page


def test_a_slip_that_ran_out_says_so(home: FlaskClient) -> None:
    with home.session_transaction() as kept:
        kept["registration"] = kept["registration"] | {"id": "gone"}
    assert home.get(SLIP).location == "/dang-ky/het-han"


def test_one_comes_back_from_another_browser(gateway: Flask, post: Post) -> None:
    other = gateway.test_client()
    typed = {"registration_code": CODE, "phone": "0912000017", "captcha": "solved"}
    assert send(other, BACK, **typed).location == SLIP
    assert "4821 0937 5519" in other.get(SLIP).text
    post.state = "awaiting-code"
    assert send(other, BACK, **typed).location == "/dang-ky/ma"


def test_a_code_or_phone_that_is_not_right_is_told_in_one_way(gateway: Flask) -> None:
    other = gateway.test_client()
    answer = send(other, BACK, registration_code="111111111111", phone="0912000017", captcha="solved")
    assert answer.status_code == 404
    assert "Hãy kiểm tra lại cả hai" in answer.text
    empty = send(other, BACK).text
    for name in ("registration_code", "phone", "captcha"):
        assert f'href="#{name}"' in empty


def test_a_clerk_finds_compares_and_prints_a_code(clerk: FlaskClient, post: Post) -> None:
    assert "Phạm Thị Ước" not in clerk.get("/buu-cuc").text
    page = at_counter(clerk).text
    for shown in ("Phạm Thị Ước", "001\u00a0099\u00a0000\u00a0017", "03/02/1999"):
        assert shown in page
    given = at_counter(clerk, "/cap-ma", compared="yes")
    assert "135\u00a0790" in given.text
    assert "Phạm Thị Ước" not in given.text
    assert given.headers["Cache-Control"] == "no-store"
    assert post.sent[-1] == ("check", {"registration_code": CODE, "again": False})


def test_no_code_without_the_word_that_the_card_was_compared(clerk: FlaskClient, post: Post) -> None:
    answer = at_counter(clerk, "/cap-ma")
    assert answer.status_code == 422
    assert 'id="compared-error"' in answer.text
    assert [deed for deed, _ in post.sent] == ["look"]


def test_a_second_press_gives_no_second_code_but_says_how_to_have_one(clerk: FlaskClient, post: Post) -> None:
    at_counter(clerk, "/cap-ma", compared="yes")
    again = at_counter(clerk, "/cap-ma", compared="yes")
    assert again.status_code == 409
    assert "đã được cấp mã" in again.text
    assert 'name="again" value="yes"' in again.text
    assert "135\u00a0790" in at_counter(clerk, "/cap-ma", compared="yes", again="yes").text


def test_a_refusal_needs_a_reason_from_the_list(clerk: FlaskClient, post: Post) -> None:
    answer = at_counter(clerk, "/tu-choi", reason="không thích")
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert at_counter(clerk, "/tu-choi", reason="no-card").location == "/buu-cuc"
    assert post.sent[-1] == ("refuse", {"registration_code": CODE, "reason": "no-card"})
    assert "Đã ghi là không xác nhận" in clerk.get("/buu-cuc").text


@pytest.mark.parametrize("deed", ["", "/cap-ma", "/tu-choi"])
def test_a_code_that_nothing_waits_under_is_said_at_the_code(clerk: FlaskClient, deed: str) -> None:
    answer = at_counter(clerk, deed, code="111111111111", compared="yes", reason="no-card")
    assert answer.status_code == 404
    assert 'id="registration_code-error"' in answer.text
    assert NONE in answer.text


@pytest.mark.parametrize("deed", ["/cap-ma", "/tu-choi"])
def test_the_address_of_a_deed_leads_back_to_the_beginning(clerk: FlaskClient, deed: str) -> None:
    assert clerk.get(f"/buu-cuc{deed}").location == "/buu-cuc"


@pytest.mark.parametrize("role", ["receiver", "handler"])
def test_the_counter_is_for_clerks_alone(gateway: Flask, post: Post, role: str) -> None:
    other = official(gateway, role)
    for answer in (other.get("/buu-cuc"), at_counter(other), at_counter(other, "/cap-ma", compared="yes")):
        assert answer.status_code == 403
    assert gateway.test_client().get("/buu-cuc").status_code == 302
    assert post.sent == []


def test_a_clerk_is_at_home_at_the_counter(clerk: FlaskClient) -> None:
    assert 'href="/buu-cuc"' in clerk.get("/").text
