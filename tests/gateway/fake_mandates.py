"""Identity's side of mandates, in memory."""

import base64
import json
import time
from typing import Any

from flask import Flask, g, jsonify, request

ONE = {
    "id": "0190f1c0-0000-7000-8000-00000000000c",
    "state": "active",
    "with_name": "Công ty TNHH Hoa Sen",
    "deeds": ["submit", "follow"],
    "procedures": None,
    "given_at": "2026-11-23T02:00:00+00:00",
    "expires_at": "2026-12-31T16:59:00+00:00",
}
GIVER = "0190f1c0-0000-7000-8000-00000000000d"


def token_of(world: Any, person: dict[str, Any], sub: str, **more: Any) -> str:
    claims = {"sub": sub, "kind": "citizen", "acr": "medium", "exp": time.time() + 3600, **more}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    world.people[f"e30.{body}.x"] = person
    return f"e30.{body}.x"


def serve(app: Flask, world: Any) -> None:
    def found(id: str) -> dict[str, Any]:
        return next(each for each in (*world.given, *world.received) if each["id"] == id)

    @app.get("/api/v1/mandates")
    def mandates() -> Any:
        return {"given": world.given, "received": world.received}

    @app.post("/api/v1/mandates")
    def give_mandate() -> Any:
        body = request.json
        if body["to"] == "me":
            faults = [{"pointer": "/to", "code": "x", "detail": "Không thể ủy quyền cho chính mình."}]
            return jsonify(code="mandate-to-oneself", detail="", errors=faults), 422
        world.given.append(ONE | {"state": "offered", "with_name": None} | body)
        return world.given[-1], 201

    @app.post("/api/v1/mandates/<id>/acceptance")
    def accept_mandate(id: str) -> Any:
        if found(id)["state"] == "ended":
            return jsonify(code="mandate-not-active", detail="Ủy quyền này đã chấm dứt.", errors=[]), 409
        found(id)["state"] = "active"
        return found(id)

    @app.delete("/api/v1/mandates/<id>")
    def end_mandate(id: str) -> Any:
        found(id)["state"] = "ended"
        return "", 204

    @app.route("/api/v1/sessions/current/mandate", methods=["POST", "DELETE"])
    def act_by_mandate() -> Any:
        if request.method == "DELETE":
            return {"access_token": token_of(world, g.me, g.me["account_id"]), "expires_in": 600}
        name = found(request.json["mandate"])["with_name"]
        person = g.me | {"acting_for": {"kind": "business", "full_name": name, "deeds": ["follow"]}}
        token = token_of(world, person, GIVER, act={"sub": g.me["account_id"]}, mandate={"id": ONE["id"]})
        return {"access_token": token, "expires_in": 600}
