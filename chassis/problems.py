"""Every error of every service as RFC 9457 problem+json, in the caller's language."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, json, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from vocabulary import refusals
from vocabulary.refusals import Fault, Refusal
from vocabulary.text import Text

log = structlog.get_logger()

STATUS: dict[type[Refusal], HTTPStatus] = {
    refusals.Malformed: HTTPStatus.BAD_REQUEST,
    refusals.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    refusals.Forbidden: HTTPStatus.FORBIDDEN,
    refusals.NotFound: HTTPStatus.NOT_FOUND,
    refusals.Conflict: HTTPStatus.CONFLICT,
    refusals.Gone: HTTPStatus.GONE,
    refusals.Stale: HTTPStatus.PRECONDITION_FAILED,
    refusals.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    refusals.Unsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    refusals.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    refusals.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
UNEXPECTED = Text(
    "Có lỗi ở phía hệ thống. Dữ liệu bạn đã gửi trước đó vẫn còn. Hãy thử lại sau ít phút.",
    "Something went wrong on our side. What you sent before is safe. Try again in a few minutes.",
)
BUSY = Text("Hệ thống đang bận. Hãy thử lại sau ít giây.", "The service is busy. Try again in a few seconds.")
INVALID = Text(
    "Có thông tin chưa đúng. Xem từng mục bên dưới.", "Some answers are not right. See each below."
)
PLAIN: dict[int, Text] = {
    400: Text("Không đọc được yêu cầu.", "The request cannot be read."),
    404: Text("Không tìm thấy.", "Not found."),
    405: Text("Cách gọi này không được dùng ở đây.", "This method is not used here."),
    413: Text("Dữ liệu gửi lên quá lớn.", "The request is too large."),
    415: Text("Kiểu dữ liệu này không được nhận.", "This kind of content is not taken."),
}


def register(app: Flask) -> None:
    app.register_error_handler(Refusal, of_refusal)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(OperationalError, of_busy_database)
    app.register_error_handler(PoolTimeout, of_busy_database)
    app.register_error_handler(RecursionError, of_unreadable)
    app.register_error_handler(UnicodeEncodeError, of_unreadable)
    app.register_error_handler(Exception, of_surprise)


def of_refusal(refusal: Refusal) -> Response:
    headers = {}
    if isinstance(refusal, refusals.TooMany | refusals.Unavailable):
        headers["Retry-After"] = str(max(1, round(refusal.retry_after.total_seconds())))
    if isinstance(refusal, refusals.NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return problem(STATUS[type(refusal)], refusal.code, refusal.detail, refusal.faults, headers)


def of_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    messages = getattr(error, "data", {}).get("messages")
    if messages and status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return problem(status, "invalid", INVALID, list(faults_of(messages)))
    allow = {name: value for name, value in error.get_headers() if name == "Allow"}
    code = status.phrase.lower().replace(" ", "-")
    return problem(status, code, PLAIN.get(status, UNEXPECTED), headers=allow)


def of_unreadable(error: RecursionError | UnicodeEncodeError) -> Response:
    """JSON nested deeper than any of ours, or half characters, which JSON can hold and UTF-8 cannot."""
    log.warning("request cannot be read", error=type(error).__name__)
    return problem(HTTPStatus.BAD_REQUEST, "bad-request", PLAIN[400])


def of_busy_database(error: Exception) -> Response:
    log.warning("database busy or away", error=type(error).__name__)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", BUSY, headers={"Retry-After": "2"})


def of_surprise(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", UNEXPECTED)


def problem(
    status: HTTPStatus,
    code: str,
    detail: Text,
    faults: tuple[Fault, ...] | list[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    language = request.accept_languages.best_match(["vi", "en"], "vi")
    body: dict[str, Any] = {
        "type": f"urn:motcua:problem:{code}",
        "title": status.phrase,
        "status": int(status),
        "code": code,
        "detail": detail[language],
        "request_id": g.get("request_id"),
    }
    if faults:
        body["errors"] = [
            {"pointer": f.pointer, "code": f.code, "detail": f.detail[language]} for f in faults
        ]
    # Half characters, which a JSON string may hold and UTF-8 cannot, come back as question marks.
    content = json.dumps(body).encode("utf-8", "replace")
    return Response(content, status, dict(headers or {}), content_type="application/problem+json")


def faults_of(messages: Mapping[str, Any]) -> Iterator[Fault]:
    """Marshmallow's nested messages as faults; the first level is where they were found (json, query)."""
    for place in messages.values():
        yield from _walk(place, "")


def _walk(node: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(node, Mapping):
        for name, below in node.items():
            yield from _walk(below, pointer if name == "_schema" else f"{pointer}/{escape(str(name))}")
        return
    for message in node if isinstance(node, list) else [node]:
        yield _fault(pointer, message)


def _fault(pointer: str, message: Any) -> Fault:
    if isinstance(message, Fault):
        return Fault(pointer + message.pointer, message.code, message.detail)
    code, vi = MARSHMALLOW.get(str(message), ("invalid", "Giá trị này chưa đúng."))
    return Fault(pointer, code, Text(vi, str(message)))


def escape(name: str) -> str:
    """A JSON pointer's reference token (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


MARSHMALLOW: dict[str, tuple[str, str]] = {
    "Missing data for required field.": ("required", "Mục này là bắt buộc."),
    "Field may not be null.": ("required", "Mục này là bắt buộc."),
    "Unknown field.": ("unknown-field", "Mục này không có trong mẫu."),
    "Not a valid string.": ("type", "Mục này phải là chữ."),
    "Not a valid integer.": ("type", "Mục này phải là số nguyên."),
    "Not a valid boolean.": ("type", "Mục này phải là có hoặc không."),
    "Not a valid date.": ("date", "Ngày chưa đúng. Ví dụ: 1999-02-03."),
    "Not a valid datetime.": ("date", "Ngày giờ chưa đúng."),
    "Not a valid email address.": ("email", "Địa chỉ thư điện tử chưa đúng. Ví dụ: an@example.vn."),
    "Not a valid UUID.": ("uuid", "Mã này chưa đúng."),
    "Invalid input type.": ("type", "Kiểu dữ liệu chưa đúng."),
}
