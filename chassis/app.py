"""The app factory: one service's HTTP side, the same for all of them."""

import re
import secrets
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_smorest import Api

from chassis import auth, health, metrics, problems, tracing
from chassis.auth import Verifier
from chassis.events import routes
from chassis.jwks import RemoteKeys
from chassis.service import Service
from chassis.settings import Settings
from chassis.unit_of_work import UnitsOfWork

log = structlog.get_logger()

_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
BODY_LIMIT = 12 * 1024 * 1024
UNGUARDED = frozenset({"static", "livez", "readyz", "metrics", "api-docs.openapi_json"})


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest's own error body is not problem+json and drops `Allow` on 405."""

    def _register_error_handlers(self) -> None:
        problems.register(self._app)


def create_api(
    service: Service, settings: Settings, units: UnitsOfWork, verifier: Verifier | None = None
) -> Flask:
    """RuntimeError when a route does not declare who may call it."""
    app = Flask(service.name, static_folder=None)
    app.config.update(
        API_TITLE=f"motcua {service.name}",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        # A copy: apispec writes schemas into it, and one process may make several services.
        API_SPEC_OPTIONS={"security": [{"bearer": []}], "components": deepcopy(SECURITY)},
        MAX_CONTENT_LENGTH=BODY_LIMIT,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["units"] = units
    app.extensions["verifier"] = verifier or Verifier(RemoteKeys(settings.jwks_url), settings.public_url)
    _add_blueprints(app, service)
    health.add(app, units.engine)
    metrics.add(app)
    _add_hooks(app)
    auth.refuse_undeclared_routes(app, UNGUARDED)
    return app


SECURITY = {
    "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    "schemas": {
        "Problem": {
            "type": "object",
            "description": "RFC 9457. `code` is stable; `errors` names each wrong field.",
            "required": ["type", "title", "status", "code", "detail"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "code": {"type": "string"},
                "detail": {"type": "string"},
                "request_id": {"type": "string"},
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "pointer": {"type": "string"},
                            "code": {"type": "string"},
                            "detail": {"type": "string"},
                        },
                    },
                },
            },
        }
    },
}


def _add_blueprints(app: Flask, service: Service) -> None:
    documented = ProblemApi(app)
    for blueprint in (*service.blueprints, routes.blueprint(service.name)):
        documented.register_blueprint(blueprint)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    paths = documented.spec.to_dict()["paths"]
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for method, operation in paths.get(_documented_path(rule.rule), {}).items():
            if method.upper() in (rule.methods or ()):
                _document_problems(operation, problem)
                _document_callers(operation, view)


def _document_problems(operation: dict[str, Any], problem: dict[str, Any]) -> None:
    answers = operation.setdefault("responses", {})
    for status in [s for s in answers if str(s) == "default" or int(s) >= 400]:
        del answers[status]
    answers["default"] = {"description": "Refused: why, and which fields", "content": problem}


def _documented_path(rule: str) -> str:
    """`/dossiers/<uuid:key>` as OpenAPI writes it: `/dossiers/{key}`."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)


def _document_callers(operation: dict[str, Any], view: Callable[..., Any]) -> None:
    """Who may call, and the headers that matter, as the view's decorators declare them."""
    allowed = getattr(view, "allowed", None)
    operation["security"] = [] if allowed is None or "anyone" in allowed.kinds else [{"bearer": []}]
    for name, required in getattr(view, "request_headers", {}).items():
        header = {"name": name, "in": "header", "required": required, "schema": {"type": "string"}}
        operation.setdefault("parameters", []).append(header)


def _add_hooks(app: Flask) -> None:
    @app.before_request
    def enter() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        g.started = time.perf_counter()
        tracing.enter(request.headers.get("traceparent"))

    @app.after_request
    def leave(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        answer.headers["X-Content-Type-Options"] = "nosniff"
        if "principal" in g or request.method != "GET":
            answer.headers["Cache-Control"] = "no-store"
        _log_request(answer)
        return answer


def _log_request(answer: Response) -> None:
    """The route's pattern, never the path: a path holds codes."""
    route = request.url_rule.rule if request.url_rule else "unknown"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    metrics.observe(request.method, route, answer.status_code, seconds)
    if route not in {"/livez", "/readyz", "/metrics"}:
        log.info(
            "request",
            method=request.method,
            route=route,
            status=answer.status_code,
            ms=round(seconds * 1000, 1),
            request_id=g.get("request_id"),
        )
