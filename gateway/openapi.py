"""/api/v1/openapi.json: one document of all services' documents and the gateway's own routes."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify

from gateway import events
from gateway.backend import Json, Late, here
from gateway.settings import SERVICES

blueprint = Blueprint("openapi", __name__)
PATH = "/openapi.json"


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    """Services that are away are left out and named under `x-away`."""
    return jsonify(merged({name: _of(name) for name in SERVICES}))


def merged(documents: dict[str, Json | None]) -> Json:
    """Paths as they are; each service's components under its own name, so that none clash."""
    paths: Json = events.openapi_paths()
    components: dict[str, Json] = {}
    for service, found in documents.items():
        named = json.loads(_named(json.dumps(found), service)) if found else {}
        paths |= named.get("paths", {})
        for kind, entries in named.get("components", {}).items():
            components.setdefault(kind, {}).update(_prefixed(kind, entries, service))
    return {
        "openapi": "3.1.0",
        "info": {"title": "motcua", "version": "v1"},
        "paths": paths,
        "components": components,
        "x-away": [service for service, found in documents.items() if found is None],
    }


def _prefixed(kind: str, entries: Json, service: str) -> Json:
    return entries if kind == "securitySchemes" else {f"{service}.{key}": entries[key] for key in entries}


def _named(text: str, service: str) -> str:
    for kind in ("schemas", "responses", "parameters", "headers", "requestBodies"):
        text = text.replace(f"#/components/{kind}/", f"#/components/{kind}/{service}.")
    return text


def _of(service: str) -> Any:
    try:
        answer = here().send(service, "GET", PATH)
    except Late:
        return None
    return json.loads(answer.data) if answer.status == 200 else None
