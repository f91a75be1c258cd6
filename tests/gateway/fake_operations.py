"""The operators' part of every fake service: what was put aside can be tried again."""

from typing import Any

from flask import Flask, jsonify, request

from tests.gateway.fake_portal import NOW, Refused, World, iso


def parked(subject: str = "H01-261123-0001", **changes: Any) -> dict[str, Any]:
    return {
        "event_id": "0190f1c0-0000-7000-8000-0000000000aa",
        "handler": "tell_applicant",
        "type": "motcua.dossier.submitted.v1",
        "subject": subject,
        "sequence": 1,
        "attempts": 3,
        "parked_at": iso(NOW),
        "next_try_at": iso(NOW),
        "error": "ValueError: <b>no</b> name",
        "behind": None,
        **changes,
    }


def operations(app: Flask, world: World) -> None:
    @app.get("/api/v1/<service>-operations/events")
    def events(service: str) -> Any:
        here = world.parked.get(service, [])
        usual = {"unsent": 0, "oldest_unsent_seconds": 0.0, "last_position": 300, "subscriptions": []}
        counts = {"parked": len(here), "given_up": sum(one["next_try_at"] is None for one in here)}
        return {"service": service, **usual, **counts, **world.events.get(service, {})}

    @app.get("/api/v1/<service>-operations/parked-events")
    def list_parked(service: str) -> Any:
        here, start = world.parked.get(service, []), int(request.args.get("cursor", 0))
        end = start + int(request.args["limit"])
        return {"items": here[start:end], "next_cursor": str(end) if len(here) > end else None}

    @app.post("/api/v1/<service>-operations/retries")
    def retry(service: str) -> Any:
        body = request.get_json()
        here = world.parked.get(service, [])
        due = [one for one in here if body.items() <= one.items()]
        if not due:
            raise Refused(404, "not-parked", "Sự kiện này không còn bị giữ lại.")
        world.parked[service] = [one for one in here if one not in due]
        return jsonify(due=len(due)), 202

    @app.get("/api/v1/notify-operations/agencies")
    def agencies() -> Any:
        if "notify" in world.away:
            raise Refused(503, "away", "")
        return {"items": world.agencies, "next_cursor": None}

    @app.post("/api/v1/notify-operations/replays")
    def replay() -> Any:
        body = request.get_json()
        if body["agency"] not in {one["agency"] for one in world.agencies}:
            raise Refused(404, "no-such-agency", "Chưa có cơ quan này.")
        world.replays.append(body)
        made = {"door": body["door"], "from_position": (body["position"] or 0) + 1, "until_position": 300}
        return jsonify(made), 202


def doors(agency: str = "H01", **changes: Any) -> dict[str, Any]:
    door = {"door": "amqp", "enabled": True, "position": 300, "behind": 0, "last_error": None, **changes}
    return {"agency": agency, "name": "UBND", "last_position": 300, "kept_after": 0, "doors": [door]}
