"""The contracts as committed, for whoever hears or sends events: one schema per type, and the whole."""

from functools import cache
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from gateway.problems import problem

blueprint = Blueprint("events", __name__)
SCHEMAS = "/api/v1/events/schemas"
ASYNCAPI = "/api/v1/asyncapi.json"
KEPT_SECONDS = 3600
"""Not for ever: a version of a type may gain optional fields, its words may be mended."""


@blueprint.get(SCHEMAS)
def types() -> Response:
    return jsonify({"items": [{"type": name, "url": f"{SCHEMAS}/{name}"} for name in sorted(schemas())]})


@blueprint.get(f"{SCHEMAS}/<type>")
def schema(type: str) -> Response | AnyResponse:
    """JSON Schema 2020-12 of the event's `data`."""
    found = schemas().get(type)
    if found is None:
        return problem(404, "no-such-event-type")
    return _kept(found, "application/schema+json")


@blueprint.get(ASYNCAPI)
def asyncapi() -> AnyResponse:
    body = files("contracts").joinpath("asyncapi.json").read_bytes()
    return _kept(body, "application/vnd.aai.asyncapi+json;version=3.0.0")


@cache
def schemas() -> dict[str, bytes]:
    """By type."""
    found = files("contracts").joinpath("schemas").iterdir()
    return {file.name.removesuffix(".json"): file.read_bytes() for file in found}


def _kept(body: bytes, content_type: str) -> AnyResponse:
    response = Response(body, content_type=content_type)
    response.cache_control.public = True
    response.cache_control.max_age = KEPT_SECONDS
    response.add_etag()
    return response.make_conditional(request)


def openapi_paths() -> dict[str, Any]:
    """These routes as the OpenAPI document has them."""
    name = {"name": "type", "in": "path", "required": True, "schema": {"type": "string"}}
    item = {
        "type": "object",
        "properties": {"type": {"type": "string"}, "url": {"type": "string", "format": "uri-reference"}},
        "required": ["type", "url"],
    }
    listed = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item}},
        "required": ["items"],
    }
    return {
        SCHEMAS: {"get": _described("The types of event that have a schema.", "application/json", listed)},
        f"{SCHEMAS}/{{type}}": {
            "get": _described(
                "JSON Schema of an event's data.", "application/schema+json", {"type": "object"}
            )
            | {"parameters": [name]}
        },
        ASYNCAPI: {
            "get": _described(
                "All events, as AsyncAPI.", "application/vnd.aai.asyncapi+json", {"type": "object"}
            )
        },
    }


def _described(summary: str, mimetype: str, body: dict[str, Any]) -> dict[str, Any]:
    refused = {"description": "Refused: why", "content": {"application/problem+json": {}}}
    return {
        "summary": summary,
        "tags": ["events"],
        "security": [],
        "responses": {
            "200": {"description": "OK", "content": {mimetype: {"schema": body}}},
            "default": refused,
        },
    }
