"""Identity's side of an agency's officials and invitations, in memory."""

from typing import Any

from flask import Flask, jsonify, request

LAN = {
    "account_id": "0190f1c0-0000-7000-8000-00000000000a",
    "login": "lan.h01",
    "full_name": "Lê Thị Lan",
    "phone": "091•••••79",
    "email": None,
    "roles": ["receiver", "handler"],
    "state": "active",
    "since": "2026-11-01T02:00:00+00:00",
}
MINH = {
    "id": "0190f1c0-0000-7000-8000-00000000000b",
    "login": "minh.h01",
    "full_name": "Trần Văn Minh",
    "roles": ["approver"],
    "invited_at": "2026-11-23T02:00:00+00:00",
    "expires_at": "2026-11-30T02:00:00+00:00",
}
TOKEN = "good-token"
LAST = "Đây là người quản trị cuối cùng của cơ quan."


def refused(status: int, code: str, detail: str, *faults: str) -> Any:
    errors = [{"pointer": f"/{name}", "code": code, "detail": detail} for name in faults]
    return jsonify(status=status, code=code, detail=detail, errors=errors), status


def serve(app: Flask, world: Any) -> None:
    def found(id: str) -> dict[str, Any]:
        return next(each for each in world.officials if each["account_id"] == id)

    @app.get("/api/v1/agency/officials")
    def list_officials() -> Any:
        return {"items": world.officials, "next_cursor": None}

    @app.get("/api/v1/agency/officials/<id>")
    def one(id: str) -> Any:
        return found(id)

    @app.put("/api/v1/agency/officials/<id>/roles")
    def roles(id: str) -> Any:
        chosen = request.json["roles"]
        if not chosen:
            return refused(422, "roles", "Chọn vai trò.", "roles")
        if id == "0190f1c0-0000-7000-8000-000000000003":
            return refused(409, "last-administrator", LAST)
        found(id)["roles"] = chosen
        return found(id)

    @app.route("/api/v1/agency/officials/<id>/suspension", methods=["POST", "DELETE"])
    def suspension(id: str) -> Any:
        if id == "0190f1c0-0000-7000-8000-000000000003":
            return refused(409, "last-administrator", LAST)
        found(id)["state"] = "suspended" if request.method == "POST" else "active"
        return found(id)

    @app.delete("/api/v1/agency/officials/<id>")
    def remove(id: str) -> Any:
        world.officials.remove(found(id))
        return "", 204

    invitations(app, world)


def invitations(app: Flask, world: Any) -> None:
    @app.get("/api/v1/agency/officials/invitations")
    def waiting() -> Any:
        return {"items": world.invitations}

    @app.post("/api/v1/agency/officials/invitations")
    def invite() -> Any:
        body = request.json
        if body["login"] == "taken":
            return refused(409, "login-taken", "Tên này đã có người dùng.", "login")
        made = MINH | {name: body[name] for name in ("login", "full_name", "roles")}
        world.invitations.append(made)
        return made | (
            {"link": f"http://localhost/loi-moi?ma={TOKEN}"} if body["send"] == "link" else {}
        ), 201

    @app.delete("/api/v1/agency/officials/invitations/<id>")
    def revoke(id: str) -> Any:
        if not world.invitations:
            return refused(404, "invitation-not-found", "Không còn.")
        world.invitations = [each for each in world.invitations if each["id"] != id]
        return "", 204

    @app.post("/api/v1/invitations/details")
    def details() -> Any:
        if request.json["token"] != TOKEN:
            return refused(404, "invitation-not-found", "Không còn.")
        return {"agency": "H01", "phone": "091•••••79", **MINH}

    @app.post("/api/v1/invitations/acceptance")
    def accept() -> Any:
        if request.json["password"] == "12345678":
            return refused(422, "password-common", "Mật khẩu dễ đoán.", "password")
        return {"account_id": LAN["account_id"], "login": MINH["login"], "assurance": "medium"}, 201
