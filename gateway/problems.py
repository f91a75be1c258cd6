"""The gateway's own refusals, as RFC 9457 problems in the caller's language."""

import json
from http import HTTPStatus

from flask import Response, g

from gateway.texts import t


def problem(status: int, code: str, retry_after: int | None = None) -> Response:
    """`code` names the text `problems.<code>`; `retry_after` is in seconds."""
    body = {
        "type": f"urn:motcua:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": t(f"problems.{code}"),
        "request_id": g.get("request_id", ""),
    }
    response = Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
