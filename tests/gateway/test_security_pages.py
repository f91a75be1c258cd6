"""Security and data of an account, and the ways back into one, page by page."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from tests.gateway.public_portal import CODE, Portal, create, problem, running, settings, tokens

SECURITY = "/tai-khoan/bao-mat"
PHONE, LAPTOP = "0191aaaa-0000-7000-8000-000000000001", "0191aaaa-0000-7000-8000-000000000002"
AT = "2026-11-23T02:00:00+00:00"
RIGHT = "đúng mật khẩu"
WAITING = {"id": PHONE, "state": "awaiting-code", "expires_at": AT, "resend_after": 60}


def session(id: str, current: bool, browser: str | None) -> dict[str, Any]:
    times = {"started_at": AT, "seen_at": AT, "expires_at": AT}
    return {"id": id, "browser": browser, "current": current, **times}


def identity(portal: Portal, coolings: list[str]) -> Flask:
    """What identity answers about an account."""
    app = create(portal)

    @app.get("/api/v1/account/sessions")
    def sessions() -> Response:
        return jsonify(items=[session(PHONE, True, "Chrome, Android"), session(LAPTOP, False, None)])

    @app.get("/api/v1/account/cooling-offs")
    def waiting() -> Response:
        return jsonify(items=[{"purpose": each, "started_at": AT, "ends_at": AT} for each in coolings])

    @app.get("/api/v1/dossiers/summary")
    def summary() -> Response:
        return jsonify(in_progress=2, completed=0, closed=0, drafts=0, waiting_for_you=0)

    @app.route("/api/v1/account/sessions", methods=["DELETE"], endpoint="change-everywhere")
    @app.route("/api/v1/account/sessions/<id>", methods=["DELETE"], endpoint="change-one")
    @app.route("/api/v1/account/cooling-offs/<id>", methods=["DELETE"], endpoint="change-stop")
    @app.route("/api/v1/account/phone/<id>/confirmation", methods=["POST"], endpoint="change-phone-code")
    @app.route("/api/v1/password-resets/<id>/password", methods=["POST"], endpoint="change-reset")
    def done(**_: str) -> tuple[str, int]:
        return "", 204

    @app.route("/api/v1/account/password", methods=["PUT"], endpoint="change-password")
    @app.route("/api/v1/account/email", methods=["PUT"], endpoint="change-email")
    @app.route("/api/v1/account/phone", methods=["POST"], endpoint="change-phone")
    @app.route("/api/v1/account/closing", methods=["POST"], endpoint="change-closing")
    @app.route("/api/v1/account/export", methods=["POST"], endpoint="change-export")
    def again() -> Response | tuple[str, int]:
        if (request.get_json() or {}).get("current_password") != RIGHT:
            return problem(422, "password-wrong", "Mật khẩu hiện tại không đúng.", "/current_password")
        kept = WAITING | {"person": {"full_name": "Nguyễn Văn An"}}
        return ("", 204) if request.method == "PUT" else jsonify(kept)

    @app.post("/api/v1/password-resets")
    def forgotten() -> Response:
        return jsonify(WAITING)

    @app.post("/api/v1/password-resets/<id>/confirmation")
    def code(id: str) -> Response:
        right = (request.get_json() or {}).get("code") == CODE
        return jsonify(id=id, state="confirmed") if right else problem(422, "code-wrong", "Sai mã.", "/code")

    @app.post("/api/v1/recoveries")
    def recovery() -> Response:
        return jsonify(WAITING)

    @app.post("/api/v1/recoveries/<id>/password")
    def recovering(id: str) -> Response:
        return jsonify(purpose="recovery", started_at=AT, ends_at=AT)

    @app.post("/api/v1/cooling-offs/stopping")
    def stopping() -> Response:
        if (request.get_json() or {}).get("code") == "secret":
            return jsonify(purpose="recovery")
        return problem(404, "nothing-to-stop", "Không còn gì để dừng.")

    return app


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def coolings() -> list[str]:
    return []


@pytest.fixture
def stranger(portal: Portal, coolings: list[str]) -> Iterator[FlaskClient]:
    with running(portal, identity(portal, coolings)) as url:
        yield create_app(settings(url)).test_client()


@pytest.fixture
def an(stranger: FlaskClient) -> FlaskClient:
    """Logged in."""
    made = tokens(1)
    stranger.set_cookie("motcua", made["refresh_token"])
    stranger.set_cookie("motcua-access", made["access_token"])
    return stranger


def send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    client.get("/dang-nhap" if path.startswith(("/quen", "/mat-", "/dung")) else SECURITY)
    client.get("/dung-lai")
    with client.session_transaction() as kept:
        token = kept["csrf"]
    return client.post(path, data={"csrf": token} | form)


def test_the_page_says_where_one_is_logged_in_and_ends_other_sessions_only(
    an: FlaskClient, portal: Portal
) -> None:
    page = an.get(SECURITY).text
    assert "Chrome, Android" in page
    assert f"{SECURITY}/phien/{LAPTOP}" in page
    assert f"{SECURITY}/phien/{PHONE}" not in page
    assert send(an, f"{SECURITY}/phien/{LAPTOP}").location == SECURITY
    assert portal.called("DELETE", f"/api/v1/account/sessions/{LAPTOP}") == 1


def test_logging_out_everywhere_logs_this_browser_out_too(an: FlaskClient, portal: Portal) -> None:
    answer = send(an, f"{SECURITY}/dang-xuat-het")
    assert answer.location == "/da-dang-xuat"
    assert portal.called("DELETE", "/api/v1/account/sessions") == 1
    assert an.get(SECURITY).status_code == 302


@pytest.mark.parametrize("purpose", ["recovery", "closing"])
def test_what_waits_is_said_first_and_can_be_stopped(
    an: FlaskClient, portal: Portal, coolings: list[str], purpose: str
) -> None:
    coolings.append(purpose)
    assert f"{SECURITY}/dung/{purpose}" in an.get(SECURITY).text
    assert send(an, f"{SECURITY}/dung/{purpose}").location == SECURITY
    assert portal.called("DELETE", f"/api/v1/account/cooling-offs/{purpose}") == 1
    assert send(an, f"{SECURITY}/dung/khac").status_code == 404


CHANGES = [
    ("mat-khau", {"password": "cá chép hóa rồng", "again": "cá chép hóa rồng"}, SECURITY),
    ("thu-dien-tu", {"email": "an@example.test"}, SECURITY),
    ("dien-thoai", {"phone": "0912000029"}, f"{SECURITY}/dien-thoai/ma"),
    ("dong", {}, SECURITY),
]


@pytest.mark.parametrize(("page", "form", "onward"), CHANGES)
def test_a_change_wants_the_password_again_and_says_beside_it_when_it_is_wrong(
    an: FlaskClient, page: str, form: dict[str, str], onward: str
) -> None:
    path = f"{SECURITY}/{page}"
    for password, words in (("", "Nhập mật khẩu hiện tại."), ("sai", "Mật khẩu hiện tại không đúng.")):
        refused = send(an, path, current_password=password, **form)
        assert refused.status_code == 422
        assert 'href="#current_password"' in refused.text
        assert words in refused.text
    assert send(an, path, current_password=RIGHT, **form).location == onward


def test_a_new_phone_is_confirmed_by_its_code(an: FlaskClient) -> None:
    send(an, f"{SECURITY}/dien-thoai", current_password=RIGHT, phone="0912000029")
    path = f"{SECURITY}/dien-thoai/ma"
    assert "091•••••29" in an.get(path).text
    assert "Nhập đủ 6 chữ số" in send(an, path, code="12").text
    assert send(an, path, code=CODE).location == SECURITY
    assert "Đã đổi số điện thoại" in an.get(SECURITY).text


def test_the_data_come_as_a_file_that_nobody_keeps(an: FlaskClient) -> None:
    file = send(an, f"{SECURITY}/du-lieu", current_password=RIGHT)
    assert file.headers["Content-Disposition"] == 'attachment; filename="motcua.json"'
    assert "no-store" in file.headers["Cache-Control"]
    assert "Nguyễn Văn An" in file.text


def test_closing_says_how_many_dossiers_are_in_progress(an: FlaskClient) -> None:
    assert "Bạn còn 2 hồ sơ đang xử lý" in an.get(f"{SECURITY}/dong").text


def test_these_pages_are_for_who_is_logged_in(stranger: FlaskClient) -> None:
    for page in ("", "/mat-khau", "/thu-dien-tu", "/dien-thoai", "/dien-thoai/ma", "/du-lieu", "/dong"):
        assert "/dang-nhap" in stranger.get(SECURITY + page).location


def test_a_forgotten_password_page_by_page(stranger: FlaskClient) -> None:
    path = "/quen-mat-khau"
    empty = send(stranger, path).text
    for field in ("login", "full_name", "date_of_birth", "captcha"):
        assert f'href="#{field}"' in empty
    assert stranger.get(f"{path}/ma").location == path
    person = {"login": "001099000017", "full_name": "Nguyễn Văn An", "date_of_birth": "3/2/1999"}
    assert send(stranger, path, captcha="solved", **person).location == f"{path}/ma"
    assert "Sai mã." in send(stranger, f"{path}/ma", code="000000").text
    assert send(stranger, f"{path}/ma", code=CODE).location == f"{path}/mat-khau"
    assert 'href="#again"' in send(stranger, f"{path}/mat-khau", password="cá chép hóa rồng", again="x").text
    chosen = {"password": "cá chép hóa rồng", "again": "cá chép hóa rồng"}
    assert send(stranger, f"{path}/mat-khau", **chosen).location == "/dang-nhap?ended=password"
    assert "Đã đặt mật khẩu mới" in stranger.get("/dang-nhap?ended=password").text


def test_a_lost_phone_page_by_page(stranger: FlaskClient) -> None:
    path = "/mat-dien-thoai"
    person = {"id_number": "001099000017", "full_name": "Nguyễn Văn An", "date_of_birth": "3/2/1999"}
    form = person | {"phone": "0862000017", "captcha": "solved"}
    assert send(stranger, path, **form).location == f"{path}/ma"
    assert "086•••••17" in stranger.get(f"{path}/ma").text
    assert send(stranger, f"{path}/ma", code=CODE).location == f"{path}/mat-khau"
    chosen = {"password": "cá chép hóa rồng", "again": "cá chép hóa rồng"}
    assert send(stranger, f"{path}/mat-khau", **chosen).location == f"{path}/da-nhan"
    assert "23/11/2026" in stranger.get(f"{path}/da-nhan").text


def test_the_link_of_a_notice_asks_before_it_stops_anything(stranger: FlaskClient, portal: Portal) -> None:
    page = stranger.get("/dung-lai?ma=secret").text
    assert 'value="secret"' in page
    assert portal.called("POST", "/api/v1/cooling-offs/stopping") == 0
    assert "Đã dừng khôi phục tài khoản" in send(stranger, "/dung-lai", code="secret").text
    gone = send(stranger, "/dung-lai", code="made-up")
    assert (gone.status_code, "Không còn gì để dừng." in gone.text) == (404, True)


@pytest.mark.parametrize("path", ["/dang-nhap", "/quen-mat-khau", "/mat-dien-thoai", "/dung-lai?ma=x"])
def test_the_ways_back_speak_english_too(stranger: FlaskClient, path: str) -> None:
    stranger.set_cookie("lang", "en")
    page = stranger.get(path)
    assert page.status_code == 200
    assert '<html lang="en"' in page.text
