"""What a person or a program reads when something does not go through."""

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from gateway import sessions
from gateway.backend import RETRY_SECONDS, Late, Problem
from gateway.problems import problem

log = structlog.get_logger()

DESIGNED = (400, 403, 404, 405, 408, 413, 429, 500, 503)
CODES = {
    400: "malformed",
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    413: "too-large",
    500: "internal-error",
}


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Problem, on_problem)
    app.register_error_handler(Late, on_late)
    app.register_error_handler(Exception, on_anything_else)


def refusal(status: int, code: str, retry_after: int | None = None, detail: str = "") -> Response:
    """The problem for the API, the designed page for a browser."""
    if request.path.startswith("/api/v1/"):
        return problem(status, code, retry_after)
    shown = status if status in DESIGNED else 500 if status >= 500 else 400
    body = render_template("error.html", status=shown, code=code, detail=detail, retry_after=retry_after)
    response = make_response(body, status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def on_http_error(error: HTTPException) -> Response | AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    return refusal(error.code, CODES.get(error.code, "malformed"))


def on_problem(error: Problem) -> Response | AnyResponse:
    """A service's refusal that no page took care of."""
    if error.status == 401:
        sessions.forget()
        sessions.end()
        return sessions.to_login()
    return refusal(error.status, error.code, error.retry_after, error.detail)


def on_late(error: Late) -> Response:
    log.warning("service away", service=error.service, request_id=g.get("request_id"))
    return refusal(503, "service-away", RETRY_SECONDS)


def on_anything_else(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error, request_id=g.get("request_id"))
    return refusal(500, "internal-error")
