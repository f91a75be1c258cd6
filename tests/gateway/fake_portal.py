"""The services as the pages see them, in memory: enough of `/api/v1` to walk every page without a server.

Answers have the shapes of the real ones (services/*/schemas); `tests/browser` holds the pages against those.
"""

import base64
import hashlib
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from flask import Flask, g, jsonify, request
from werkzeug.test import Client

from gateway.app import create_app
from gateway.backend import Backend, Late
from gateway.settings import SERVICES, Settings
from tests.gateway import fake_mandates, fake_staff
from tests.gateway.fake_procedure import BIRTH
from vocabulary.calendar import VIETNAM

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=VIETNAM)
STATUS = {
    1: ("Mới đăng ký", "Submitted"),
    2: ("Được tiếp nhận", "Accepted"),
    3: ("Không được tiếp nhận", "Not accepted"),
    4: ("Đang xử lý", "In progress"),
    7: ("Công dân yêu cầu rút hồ sơ", "Withdrawal requested"),
    9: ("Đã xử lý xong", "Result ready"),
    10: ("Đã trả kết quả", "Result handed over"),
}
MOVES = {
    1: {"accept": 2, "refuse": 3},
    2: {"forward": 4, "finish": 9},
    4: {"finish": 9},
    7: {"close-withdrawal": 7, "decline-withdrawal": 1},
    9: {"hand-over": 10},
}
CLOSES = {"refuse": "refused", "hand-over": "handed-over", "close-withdrawal": "withdrawn"}
OPEN = ("/api/v1/procedures", "/api/v1/tracking", "/api/v1/invitations")
STATES = {
    "draft": lambda d: d["status"] is None,
    "in-progress": lambda d: d["status"] in (1, 2, 4, 7) and not d["closed"],
    "completed": lambda d: d["status"] in (9, 10),
    "closed": lambda d: d["closed"] and d["status"] not in (9, 10),
    "waiting-for-you": lambda d: d["status"] in (5, 6),
    "submitted": lambda d: d["status"] is not None,
}
AN = {
    "account_id": "0190f1c0-0000-7000-8000-000000000001",
    "kind": "citizen",
    "login": "001099000017",
    "full_name": "Nguyễn Văn An",
    "phone": "091•••••17",
    "email": "an@example.test",
    "assurance": "medium",
}
NGOC = AN | {"account_id": "0190f1c0-0000-7000-8000-000000000002", "full_name": "Trần Thị Bích Ngọc"}
OFFICIAL = {
    "account_id": "0190f1c0-0000-7000-8000-000000000003",
    "kind": "official",
    "login": "canbo.h01",
    "full_name": "Lê Thị Cán Bộ",
    "agency": "H01",
    "assurance": "medium",
}
PROFILE = {
    "full_name": "Nguyễn Văn An",
    "id_number": "001099000017",
    "date_of_birth": "1999-02-03",
    "phone": "0912000017",
}


class Refused(Exception):
    def __init__(
        self, status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.errors = status, code, detail, errors or []


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


@dataclass
class World:
    """What the fake services hold. Tests reach in to arrange and to look; `away` names services that hang."""

    procedures: dict[str, Any] = field(default_factory=lambda: {BIRTH["code"]: BIRTH})
    dossiers: list[dict[str, Any]] = field(default_factory=list)
    notifications: list[dict[str, Any]] = field(default_factory=list)
    ratings: list[dict[str, Any]] = field(default_factory=list)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, Any] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    webhook: dict[str, Any] | None = None
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    parked: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    agencies: list[dict[str, Any]] = field(default_factory=list)
    officials: list[dict[str, Any]] = field(default_factory=list)
    invitations: list[dict[str, Any]] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    replays: list[dict[str, Any]] = field(default_factory=list)
    looks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    submissions: int = 0

    def log_in(self, browser: Client, person: dict[str, Any]) -> None:
        """The cookies that a browser has after logging in."""
        claims = {
            "sub": person["account_id"],
            "kind": person["kind"],
            "acr": person["assurance"],
            "exp": time.time() + 3600,
        }
        claims |= {name: person[name] for name in ("agency", "roles") if name in person}
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        token = f"e30.{body}.x"
        self.people[token] = person
        browser.set_cookie("motcua", "refresh")
        browser.set_cookie("motcua-access", token)

    def draft(self, owner: dict[str, Any] = AN, answers: dict[str, Any] | None = None) -> dict[str, Any]:
        draft = {
            "id": str(uuid4()),
            "owner": owner["account_id"],
            "code": None,
            "status": None,
            "procedure": BIRTH["code"],
            "agency": "H01",
            "version": 1,
            "form": answers or {},
            "files": [],
            "history": [],
            "closed": None,
            "submitted_at": None,
            "answer_due_at": None,
            "due_at": None,
            "changed_at": iso(NOW),
        }
        self.dossiers.append(draft)
        return draft

    def sent(self, owner: dict[str, Any] = AN, **changes: Any) -> dict[str, Any]:
        """A dossier that was submitted."""
        dossier = self.draft(owner, {"child_name": "Nguyễn Minh Khôi", "child_birth": "2026-11-01"})
        self.submit(dossier)
        dossier.update(changes)
        return dossier

    def submit(self, dossier: dict[str, Any]) -> None:
        self.submissions += 1
        dossier["code"] = f"{dossier['agency']}-261123-{self.submissions:04}"
        dossier["submitted_at"], dossier["answer_due_at"] = iso(NOW), iso(NOW + timedelta(days=2, hours=1))
        self.enter(dossier, 1, None)

    def enter(
        self, dossier: dict[str, Any], status: int, agency: str | None, reason: str | None = None
    ) -> None:
        dossier["status"] = status
        dossier["version"] += 1
        step = {"status": status, "at": iso(NOW), "by_agency": agency}
        dossier["history"].append(step | ({"reason": reason} if reason else {}))


class FakeBackend(Backend):
    """The API client's seam: what would go over HTTP goes into the fake services."""

    def __init__(self, settings: Settings, world: World) -> None:
        super().__init__(settings)
        self.world = world
        self.services = Client(services(world))

    def send(self, service: str, method: str, path: str, **options: Any) -> Any:
        if service in self.world.away:
            raise Late(service)
        fields, body = options.get("fields"), options.get("json")
        sent: dict[str, Any] = {"method": method, "path": path, "headers": options.get("headers", {})}
        if method == "GET":
            sent["query_string"] = fields or {}
        elif fields:
            sent["data"] = {k: as_upload(v) if isinstance(v, tuple) else v for k, v in fields.items()}
        elif body is not None:
            sent["json"] = body
        answer = self.services.open(**sent)
        return Said(answer.status_code, answer.get_data(), dict(answer.headers))


@dataclass
class Said:
    status: int
    data: bytes
    headers: dict[str, str]


def as_upload(part: tuple[str, bytes, str]) -> Any:
    return BytesIO(part[1]), part[0], part[2]


def portal(world: World) -> Flask:
    """The gateway over the fake services."""
    settings = Settings(
        services={name: f"http://{name}.test" for name in SERVICES},
        public_url="http://localhost",
        secret_key="for tests only",
    )
    app = create_app(settings)
    app.extensions["motcua"] = FakeBackend(settings, world)
    return app


def services(world: World) -> Flask:
    """All services as one application."""
    app = Flask("services")

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        body = {"status": error.status, "code": error.code, "detail": error.detail, "errors": error.errors}
        return jsonify(body), error.status

    @app.before_request
    def who() -> None:
        g.me = world.people.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        g.english = request.headers.get("Accept-Language") == "en"
        if g.me is None and not request.path.startswith(OPEN):
            raise Refused(401, "not-authenticated", "Hãy đăng nhập.")

    @app.get("/api/v1/account")
    def account() -> Any:
        return g.me

    @app.get("/api/v1/procedures/<code>")
    def procedure(code: str) -> Any:
        if code not in world.procedures:
            raise Refused(404, "no-such-procedure", "Không có thủ tục này.")
        return world.procedures[code]

    fake_staff.serve(app, world)
    fake_mandates.serve(app, world)
    for part in (drafts, papers, own_dossiers, desk_of_officials, webhook, inbox_and_ratings, looks):
        part(app, world)
    return app


def drafts(app: Flask, world: World) -> None:
    @app.post("/api/v1/dossiers")
    def begin() -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if key not in world.by_key:
            world.by_key[key] = world.draft(g.me, request.json["form"])
        return own(world, world.by_key[key]), 201


def own_dossiers(app: Flask, world: World) -> None:
    @app.get("/api/v1/dossiers")
    def listed() -> Any:
        mine = [d for d in reversed(world.dossiers) if d["owner"] == g.me["account_id"]]
        state = request.args.get("state")
        found = [head(d) for d in mine if not state or STATES[state](d)]
        start, limit = int(request.args.get("cursor", 0)), int(request.args.get("limit", 20))
        more = str(start + limit) if len(found) > start + limit else None
        return {"items": found[start : start + limit], "next_cursor": more}

    @app.get("/api/v1/dossiers/summary")
    def summary() -> Any:
        mine = [d for d in world.dossiers if d["owner"] == g.me["account_id"]]
        counts = {state.replace("-", "_"): sum(bool(rule(d)) for d in mine) for state, rule in STATES.items()}
        return counts | {"drafts": counts["draft"]}

    @app.get("/api/v1/dossiers/<key>")
    def read(key: str) -> Any:
        found = mine(world, key)
        return own(world, found), 200, {"ETag": etag(found)}

    @app.post("/api/v1/dossiers/<key>/withdrawal")
    def withdraw(key: str) -> Any:
        found = mine(world, key)
        world.enter(found, 7, None, request.json["reason"])
        return own(world, found), 201


def papers(app: Flask, world: World) -> None:
    @app.delete("/api/v1/dossiers/<key>")
    def discard(key: str) -> Any:
        world.dossiers.remove(mine(world, key))
        return "", 204

    @app.put("/api/v1/dossiers/<key>/form")
    def save(key: str) -> Any:
        found = mine(world, key)
        check_version(found)
        if "wrong" in request.json.values():
            bad = next(name for name, value in request.json.items() if value == "wrong")
            raise Refused(
                422, "invalid", "Sai.", [{"pointer": f"/{bad}", "code": "x", "detail": "Chưa đúng."}]
            )
        found["form"] = request.json
        found["version"] += 1
        return own(world, found), 200, {"ETag": etag(found)}

    @app.post("/api/v1/dossiers/<key>/files")
    def attach(key: str) -> Any:
        found, file = mine(world, key), request.files["file"]
        content = file.read()
        if not content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8")):
            raise Refused(415, "file-kind", "Chỉ nhận tệp PDF, JPEG, PNG hoặc DOCX.")
        if len(content) > 256 * 1024:
            raise Refused(413, "file-too-large", "Tệp quá lớn.")
        row = {
            "id": str(uuid4()),
            "document": request.form["document"],
            "name": file.filename,
            "media_type": "application/pdf",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "scan": "unscanned",
            "added_at": iso(NOW),
        }
        found["files"].append(row)
        found["version"] += 1
        return row, 201

    @app.delete("/api/v1/dossiers/<key>/files/<file>")
    def detach(key: str, file: str) -> Any:
        found = mine(world, key)
        found["files"] = [row for row in found["files"] if row["id"] != file]
        return "", 204

    @app.get("/api/v1/dossiers/<key>/files/<file>")
    @app.get("/api/v1/desk/dossiers/<key>/files/<file>")
    def download(key: str, file: str) -> Any:
        found = mine(world, key)
        name = next(row["name"] for row in found["files"] if row["id"] == file)
        return (
            b"%PDF",
            200,
            {"Content-Type": "application/pdf", "Content-Disposition": f"attachment; filename={name}"},
        )

    @app.post("/api/v1/dossiers/<key>/submission")
    def submit(key: str) -> Any:
        idempotency = request.headers["Idempotency-Key"]
        if idempotency in world.by_key:
            return world.by_key[idempotency], 201
        found = mine(world, key)
        wanting = missing(found)
        if wanting:
            raise Refused(422, "dossier-incomplete", "Hồ sơ còn thiếu.", wanting)
        world.submit(found)
        world.by_key[idempotency] = head(found) | {"receipt": receipt(found)}
        return world.by_key[idempotency], 201


def desk_of_officials(app: Flask, world: World) -> None:
    @app.get("/api/v1/desk/dossiers")
    def queue() -> Any:
        official()
        status, late = request.args.get("status"), request.args.get("overdue")
        found = [d for d in world.dossiers if d["status"] and d["agency"] == g.me["agency"]]
        found = [d for d in found if (d["status"] == int(status) if status else not d["closed"])]
        items = [desk_head(d) for d in found]
        return {"items": [i for i in items if i["overdue"] or not late], "next_cursor": None}

    @app.get("/api/v1/desk/dossiers/<code>")
    def at_desk(code: str) -> Any:
        official()
        found = mine(world, code)
        return desk(world, found), 200, {"ETag": etag(found)}

    @app.post("/api/v1/desk/dossiers/<code>/decisions")
    def decide(code: str) -> Any:
        official()
        found, action = mine(world, code), request.json["action"]
        check_version(found)
        if action not in MOVES.get(found["status"], {}) or found["closed"]:
            raise Refused(409, "action-not-possible", "Không thể làm bước này ở trạng thái hiện tại.")
        world.enter(found, MOVES[found["status"]][action], g.me["agency"], request.json["reason"])
        if action == "accept":
            found["due_at"] = iso(datetime(2026, 11, 27, 17, tzinfo=VIETNAM))
        if action in CLOSES:
            found["closed"] = {"outcome": CLOSES[action], "at": iso(NOW)}
        return desk(world, found), 201, {"ETag": etag(found)}


def webhook(app: Flask, world: World) -> None:
    @app.get("/api/v1/agency/webhook")
    def seen() -> Any:
        official()
        if world.webhook is None:
            raise Refused(404, "no-webhook", "Cơ quan chưa có địa chỉ nhận sự kiện.")
        return world.webhook

    @app.get("/api/v1/agency/webhook/deliveries")
    def told() -> Any:
        official()
        return {"items": world.deliveries, "next_cursor": None}

    @app.post("/api/v1/agency/webhook/enablement")
    def enable() -> Any:
        official()
        kept = ("url", "position", "waiting")
        world.webhook = {k: v for k, v in (world.webhook or {}).items() if k in kept} | {"state": "enabled"}
        return world.webhook


def looks(app: Flask, world: World) -> None:
    """A page is two of them; the cursor is how many came before."""

    def page(part: str) -> Any:
        start, found = int(request.args.get("cursor", 0)), world.looks.get(part, [])
        on = str(start + 2) if len(found) > start + 2 else None
        return {"items": found[start : start + 2], "next_cursor": on}

    app.add_url_rule("/api/v1/dossiers/looks", "looks at dossiers", lambda: page("dossiers"))
    app.add_url_rule("/api/v1/account/looks", "looks at the account", lambda: page("account"))


def inbox_and_ratings(app: Flask, world: World) -> None:
    @app.get("/api/v1/notifications")
    def news() -> Any:
        items = [n for n in world.notifications if n["owner"] == g.me["account_id"]]
        return {"items": items, "unread": sum(not n["read"] for n in items), "next_cursor": None}

    @app.post("/api/v1/notifications/<id>/read")
    def mark(id: str) -> Any:
        for each in world.notifications:
            each["read"] = each["read"] or each["id"] == id
        return "", 204

    @app.get("/api/v1/ratings/<code>")
    def rated(code: str) -> Any:
        found = next((each for each in world.ratings if each["dossier"] == code), None)
        if found is None:
            raise Refused(404, "not-rated", "Bạn chưa đánh giá hồ sơ này.")
        return found

    @app.post("/api/v1/ratings")
    def rate() -> Any:
        if any(each["dossier"] == request.json["dossier"] for each in world.ratings):
            raise Refused(409, "already-rated", "Hồ sơ này đã được đánh giá.")
        world.ratings.append(request.json)
        return request.json, 201


def mine(world: World, key: str) -> dict[str, Any]:
    found = next((d for d in world.dossiers if key in (d["id"], d["code"])), None)
    seen = found and (found["owner"] == g.me["account_id"] or found["agency"] == g.me.get("agency"))
    if not found or not seen:
        raise Refused(404, "dossier-not-found", "Không tìm thấy hồ sơ.")
    return found


def official() -> None:
    if g.me["kind"] != "official":
        raise Refused(403, "forbidden", "Không được phép.")


def check_version(dossier: dict[str, Any]) -> None:
    if request.headers.get("If-Match") != etag(dossier):
        raise Refused(412, "changed-meanwhile", "Hồ sơ đã thay đổi.")


def etag(dossier: dict[str, Any]) -> str:
    return f'"{dossier["version"]}"'


def head(dossier: dict[str, Any]) -> dict[str, Any]:
    status = dossier["status"]
    kept = (
        "id",
        "code",
        "status",
        "version",
        "submitted_at",
        "answer_due_at",
        "due_at",
        "closed",
        "changed_at",
    )
    state = next(name for name, rule in STATES.items() if rule(dossier))
    agency = next(each for each in BIRTH["agencies"] if each["code"] == dossier["agency"])
    return {name: dossier[name] for name in kept} | {
        "state": state,
        "status_name": STATUS[status][g.english] if status else None,
        "procedure": {"code": BIRTH["code"], "version": 1, "name": BIRTH["name_en" if g.english else "name"]},
        "agency": {"code": agency["code"], "name": agency["name_en" if g.english else "name"]},
    }


def own(world: World, dossier: dict[str, Any]) -> dict[str, Any]:
    shown = head(dossier) | {"form": dossier["form"], "files": dossier["files"]}
    if dossier["status"] is None:
        return shown | {"missing": missing(dossier)}
    actions = ["withdraw"] if dossier["status"] in (1, 2, 4) and not dossier["closed"] else []
    return shown | {"history": history(dossier), "receipt": receipt(dossier), "actions": actions}


def desk_head(dossier: dict[str, Any]) -> dict[str, Any]:
    deadline = dossier["due_at"] or dossier["answer_due_at"]
    return head(dossier) | {"deadline": deadline, "overdue": deadline < iso(NOW)}


def desk(world: World, dossier: dict[str, Any]) -> dict[str, Any]:
    documents = [{**each, "name": {"vi": each["name"], "en": each["name_en"]}} for each in BIRTH["documents"]]
    return desk_head(dossier) | {
        "form": dossier["form"],
        "layout": BIRTH["form"]["layout"],
        "documents": documents,
        "files": dossier["files"],
        "applicant": dossier.get("applicant", PROFILE),
        "history": history(dossier),
        "actions": [] if dossier["closed"] else [*MOVES.get(dossier["status"], {})],
    }


def history(dossier: dict[str, Any]) -> list[dict[str, Any]]:
    return [row | {"status_name": STATUS[row["status"]][g.english]} for row in dossier["history"]]


def receipt(dossier: dict[str, Any]) -> dict[str, Any]:
    return {"url": f"http://localhost/tracking/{dossier['code']}?key=k1", "key": "k1", "files": []}


def missing(dossier: dict[str, Any]) -> list[dict[str, str]]:
    answers, have = dossier["form"], {row["document"] for row in dossier["files"]}
    wanted = [name for name in BIRTH["form"]["schema"]["required"] if name not in answers]
    papers = [d["id"] for d in BIRTH["documents"] if d["required"] and d["id"] not in have]
    pointers = [f"/form/{name}" for name in wanted] + [f"/documents/{name}" for name in papers]
    return [
        {"pointer": p, "code": "required", "detail": f"Chưa có: {p.rsplit('/', 1)[1]}."} for p in pointers
    ]
