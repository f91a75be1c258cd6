"""Identity, catalogue, tracking and statistics as the public pages see them, on a real socket, in memory."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from gateway.settings import SERVICES, Settings

CODE = "123456"
ID_NUMBER = "001099000017"
EVENTS = [
    ("co-con-nho", "citizen", "Có con nhỏ", "Having a young child"),
    ("cu-tru", "citizen", "Cư trú và giấy tờ tùy thân", "Residence and identity papers"),
    ("hon-nhan", "citizen", "Hôn nhân và gia đình", "Marriage and family"),
    ("dien-luc", "citizen", "Điện lực, nhà ở, đất đai", "Electricity, housing, land"),
    ("suc-khoe", "citizen", "Sức khỏe và y tế", "Health"),
    ("phuong-tien-va-nguoi-lai", "citizen", "Phương tiện và người lái", "Vehicles and drivers"),
    ("khoi-su", "business", "Khởi sự kinh doanh", "Starting a business"),
    ("thuong-mai", "business", "Thương mại, quảng cáo", "Trade and advertising"),
    ("lao-dong", "business", "Lao động và bảo hiểm xã hội", "Labour and social insurance"),
]
NAMES = [
    ("1.001193", "Đăng ký khai sinh", "Birth registration", "co-con-nho", "citizen"),
    ("3.000347", "Đổi giấy phép lái xe", "Driving licence exchange", "phuong-tien-va-nguoi-lai", "citizen"),
    ("1.002759", "Cấp lại thẻ bảo hiểm y tế", "Health insurance card reissue", "suc-khoe", "citizen"),
    ("1.004194", "Đăng ký tạm trú", "Temporary residence", "cu-tru", "citizen"),
    ("3.000001", "Cấp điện mới từ lưới điện hạ áp", "Low-voltage connection", "dien-luc", "citizen"),
    (
        "1.000665",
        "Cấp giấy chứng nhận xuất xứ mẫu D",
        "Certificate of origin form D",
        "thuong-mai",
        "business",
    ),
]


def tokens(number: int, seconds: int = 600) -> dict[str, Any]:
    """An access token of that number, and the refresh token after it."""
    claims = {"sub": "0191", "kind": "citizen", "acr": "medium", "exp": time.time() + seconds, "n": number}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return {
        "access_token": f"e30.{body}.x",
        "refresh_token": f"refresh-{number}",
        "expires_in": seconds,
        "device": "device-1",
    }


@dataclass
class Portal:
    """What the fake services saw, and what they are told to do."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    refreshes: int = 0
    refresh_refused: bool = False
    lifetime: int = 600
    known_device: bool = False
    rated: list[int] = field(default_factory=lambda: [128])
    url: str = ""

    def called(self, method: str, path: str) -> int:
        return self.calls.count((method, path))


def problem(status: int, code: str, detail: str, pointer: str | None = None) -> Response:
    errors = [{"pointer": pointer, "code": code, "detail": detail}] if pointer else []
    body = {"title": code, "status": status, "code": code, "detail": detail, "errors": errors}
    answer = jsonify(body)
    answer.status_code, answer.mimetype = status, "application/problem+json"
    return answer


def procedure(row: tuple[str, str, str, str, str]) -> dict[str, Any]:
    code, name, name_en, event, audience = row
    return {
        "code": code,
        "name": name,
        "name_en": name_en,
        "audience": [audience],
        "event": event,
        "agency_level": "commune",
        "service_level": "full",
    }


def whole(row: tuple[str, str, str, str, str]) -> dict[str, Any]:
    paper = {"name": "Giấy chứng sinh", "name_en": "Notification of birth"}
    return procedure(row) | {
        "version": 1,
        "summary": "Đăng ký việc sinh và nhận giấy khai sinh cho trẻ.",
        "summary_en": "Register a birth and receive the certificate.",
        "result": "Giấy khai sinh",
        "result_en": "Birth certificate",
        "assurance": "medium",
        "agencies": [
            {"code": "H01", "name": "UBND phường Cửa Nam, Hà Nội", "name_en": "Cua Nam ward office"}
        ],
        "documents": [
            paper
            | {"id": "a", "required": True, "case": "Trẻ sinh tại cơ sở y tế", "case_en": "In hospital"},
            {
                "id": "b",
                "name": "Thẻ căn cước của cha, mẹ",
                "name_en": "Parents' ID cards",
                "required": False,
            },
        ],
        "fees": [
            {
                "name": "Lệ phí",
                "name_en": "Fee",
                "channel": "online",
                "amount": 135000,
                "valid_from": "2026-01-01",
            },
            {
                "name": "Lệ phí giảm",
                "name_en": "Reduced fee",
                "channel": "online",
                "amount": 115000,
                "valid_from": "2023-12-01",
                "valid_to": "2025-12-31",
            },
        ],
        "time_limits": [
            {"channel": "online", "amount": 0, "unit": "same-day"},
            {"channel": "counter", "amount": 5, "unit": "working-days"},
        ],
        "legal_basis": [{"number": "60/2014/QH13", "name": "Luật Hộ tịch", "name_en": "Law on Civil Status"}],
        "form": {"schema": {}, "layout": []},
    }


def create(portal: Portal) -> Flask:
    app = Flask("public-portal")

    @app.before_request
    def note() -> None:
        portal.calls.append((request.method, request.path))
        portal.headers.append(dict(request.headers))
        portal.bodies.append(request.get_data())

    add_catalogue(app)
    add_dossiers(app)
    add_statistics(app, portal)
    add_registration(app)
    add_sessions(app, portal)
    return app


def add_catalogue(app: Flask) -> None:
    @app.get("/api/v1/events")
    def events() -> Any:
        keys = ("slug", "audience", "name", "name_en")
        return {"items": [dict(zip(keys, row, strict=True)) | {"procedures": 1} for row in EVENTS]}

    @app.get("/api/v1/procedures")
    def procedures() -> Any:
        q, event, audience = (request.args.get(name, "") for name in ("q", "event", "audience"))
        found = [
            procedure(row)
            for row in NAMES
            if q.lower() in row[1].lower() and event in ("", row[3]) and audience in ("", row[4])
        ]
        more = (
            "2"
            if not request.args.get("cursor") and not (q or event) and "limit" not in request.args
            else None
        )
        return {"items": found, "next_cursor": more}

    @app.get("/api/v1/procedures/<code>")
    def one(code: str) -> Any:
        row = next((row for row in NAMES if row[0] == code), None)
        return whole(row) if row else problem(404, "procedure-not-found", "Không có thủ tục này.")

    @app.get("/readyz")
    def ready() -> Any:
        return {"status": "ok"}

    @app.get("/openapi.json")
    def openapi() -> Any:
        schema = {"$ref": "#/components/schemas/Problem"}
        paths = {"/api/v1/x": {"get": {"responses": {"404": {"content": {"a/b": {"schema": schema}}}}}}}
        return {
            "openapi": "3.1.0",
            "paths": paths,
            "components": {"schemas": {"Problem": {"type": "object"}}},
        }


def add_dossiers(app: Flask) -> None:
    @app.get("/api/v1/tracking/<code>")
    def tracking(code: str) -> Any:
        if code != "H01-261123-0001":
            return problem(404, "dossier-not-found", "Không tìm thấy hồ sơ.")
        at = "2026-11-23T02:00:00Z"
        found = {"code": code, "status": 2, "status_name": "Được tiếp nhận", "submitted_at": at}
        found |= {"due_at": "2026-11-27T10:00:00Z", "closed": None}
        if request.args.get("key") != "secret":
            return found
        history = [
            {"status": 1, "status_name": "Mới đăng ký", "at": at, "by_agency": None, "by_agency_name": None},
            {
                "status": 2,
                "status_name": "Được tiếp nhận",
                "at": "2026-11-23T03:00:00Z",
                "by_agency": "H01",
                "by_agency_name": "UBND phường Cửa Nam, Hà Nội",
            },
        ]
        return found | {
            "procedure_name": "Đăng ký khai sinh",
            "agency_name": "UBND phường Cửa Nam, Hà Nội",
            "history": history,
        }


def add_statistics(app: Flask, portal: Portal) -> None:
    @app.get("/api/v1/statistics/agencies")
    def statistics() -> Any:
        start, limit = int(request.args.get("cursor", 0)), int(request.args.get("limit", 20))
        page = portal.rated[start : start + limit]
        ratings = [{"count": n, "averages": {"satisfaction": 4.6 if n else None}} for n in page]
        items = [{"code": "H01", "name": "UBND", "name_en": "Office", "ratings": one} for one in ratings]
        more = str(start + limit) if len(portal.rated) > start + limit else None
        return {"items": items, "next_cursor": more}


def add_registration(app: Flask) -> None:
    @app.get("/api/v1/captcha")
    def captcha() -> Any:
        parameters = {"algorithm": "PBKDF2/SHA-256", "cost": 10, "keyLength": 32, "keyPrefix": "00"}
        return {"parameters": parameters | {"nonce": "00" * 16, "salt": "11" * 16}, "signature": "s"}

    @app.get("/api/v1/captcha/picture")
    def picture() -> Any:
        return {
            "id": "p1",
            "image": "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
            "sound": "/api/v1/captcha/picture/0190f1c0-0000-7000-8000-00000000000a/sound",
        }

    @app.post("/api/v1/registrations")
    def register() -> Any:
        body = request.get_json()
        person = body.get("person") or body["business"]["representative"]
        if person["id_number"] == ID_NUMBER:
            return {"id": "r1", "state": "awaiting-code", "resend_after": 60}, 201
        return problem(422, "id-number-format", "Nhập 12 chữ số trên thẻ căn cước.", "/person/id_number")

    @app.post("/api/v1/registrations/<id>/code")
    def again(id: str) -> Any:
        if id == "gone":
            return problem(404, "registration-not-found", "Không tìm thấy lượt đăng ký này.")
        if id == "too-soon":
            return problem(429, "code-too-soon", "Hãy chờ hết thời gian đếm ngược rồi gửi lại.")
        return {"id": id, "state": "awaiting-code", "resend_after": 60}, 202

    @app.post("/api/v1/registrations/<id>/confirmation")
    def confirm(id: str) -> Any:
        if id == "gone":
            return problem(404, "registration-not-found", "Không tìm thấy lượt đăng ký này.")
        if id == "known":
            return problem(409, "already-registered", "Số căn cước này đã được đăng ký tài khoản.")
        right = request.get_json()["code"] == CODE
        return (
            {"id": id, "state": "confirmed"}
            if right
            else problem(422, "code-wrong", "Mã chưa đúng.", "/code")
        )

    @app.post("/api/v1/registrations/<id>/account")
    def open_account(id: str) -> Any:
        if request.get_json()["password"] == "password":
            return problem(422, "password-common", "Mật khẩu này quá phổ biến.", "/password")
        return {"account_id": id, "login": ID_NUMBER, "assurance": "medium"}, 201


def add_sessions(app: Flask, portal: Portal) -> None:
    @app.post("/api/v1/sessions")
    def log_in() -> Any:
        if request.get_json()["password"] != "right":
            return problem(401, "login-failed", "Tên đăng nhập hoặc mật khẩu không đúng.")
        if portal.known_device:
            return tokens(1, portal.lifetime), 201
        return {"id": "l1", "state": "awaiting-code", "resend_after": 60}, 202

    @app.post("/api/v1/sessions/<id>/confirmation")
    def confirm_login(id: str) -> Any:
        right = id == "l1" and request.get_json()["code"] == CODE
        return (
            (tokens(1, portal.lifetime), 201)
            if right
            else problem(422, "code-wrong", "Mã chưa đúng.", "/code")
        )

    @app.post("/api/v1/sessions/refresh")
    def refresh() -> Any:
        portal.refreshes += 1
        time.sleep(0.05)
        if portal.refresh_refused:
            return problem(401, "session-ended", "Phiên đăng nhập đã kết thúc.")
        return tokens(portal.refreshes + 1), 201

    @app.delete("/api/v1/sessions/current")
    def log_out() -> Any:
        return "", 204

    @app.get("/api/v1/account")
    def account() -> Any:
        if not request.headers.get("Authorization"):
            return problem(401, "not-authenticated", "Hãy đăng nhập.")
        return {"account_id": "0191", "kind": "citizen", "full_name": "Nguyễn Văn An"}

    @app.get("/api/v1/notifications")
    def notifications() -> Any:
        return {"items": [], "unread": 2, "next_cursor": None}


@contextmanager
def running(portal: Portal, app: Flask | None = None) -> Iterator[str]:
    """The fake services on one address of 127.0.0.1."""
    server = make_server("127.0.0.1", 0, app or create(portal), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    portal.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield portal.url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings(url: str, **changed: Any) -> Settings:
    base = {"services": dict.fromkeys(SERVICES, url), "public_url": "http://localhost", "secret_key": "test"}
    return Settings(**(base | changed))
