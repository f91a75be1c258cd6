"""What a route uses: its unit of work, its adapters, the caller's language, versions."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any, Literal, TypeVar, cast

from flask import Request, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from vocabulary.refusals import Malformed, PreconditionRequired

P = TypeVar("P")
F = TypeVar("F", bound=Callable[..., Any])


class Body(Schema):
    """A request's content; what it does not know is refused, so a misspelt name is not lost silently."""

    class Meta:
        unknown = RAISE


class _Reader(FlaskParser):
    """Where webargs would find nothing, or fall over: a body that is not called JSON is not taken, and
    at a number of thousands of digits Python's reader gives up."""

    def _raw_load_json(self, req: Request) -> Any:
        if not req.is_json and req.get_data(cache=True):
            raise UnsupportedMediaType
        try:
            return super()._raw_load_json(req)
        except ValueError as error:
            raise BadRequest from error


class _Api(Blueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = _Reader()


def api(name: str) -> Blueprint:
    return _Api(name, name, url_prefix="/api/v1")


@contextmanager
def unit_of_work() -> Iterator[UnitOfWork]:
    """The request's one transaction; used again inside itself, it joins it."""
    if "uow" in g:
        yield g.uow
        return
    units: UnitsOfWork = current_app.extensions["units"]
    try:
        with units() as uow:
            g.uow = uow
            yield uow
    finally:
        g.pop("uow", None)


def units_of_work() -> UnitsOfWork:
    """For the rare route that needs a transaction of its own beside the request's."""
    return cast(UnitsOfWork, current_app.extensions["units"])


def ports(kind: type[P]) -> P:
    found = units_of_work().ports
    if not isinstance(found, kind):
        raise TypeError(f"this service's ports are {type(found).__name__}, not {kind.__name__}")
    return found


def language() -> Literal["vi", "en"]:
    best = request.accept_languages.best_match(["vi", "en"], "vi")
    return "en" if best == "en" else "vi"


def client_address() -> str:
    """Where the caller is, as the gateway says (it passes on no claim of the caller); else who connects.

    Services are not to be reached but through it: what else can connect could say any address.
    """
    said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(said or request.remote_addr or ""))
    except ValueError:
        return "unknown"


def takes_header(name: str, required: bool) -> Callable[[F], F]:
    """Says so in the OpenAPI document; the view reads the header itself."""

    def declare(view: F) -> F:
        view.request_headers = {**getattr(view, "request_headers", {}), name: required}  # type: ignore[attr-defined]
        return view

    return declare


changes_version = takes_header("If-Match", required=True)
"""For a view that asks for `expected_version()`."""


def etag(version: int) -> str:
    return f'"{version}"'


def expected_version() -> int:
    """The version in If-Match that the caller read (RFC 9110 §13.1.1)."""
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired(
            "version-required",
            "Cho biết bạn đang sửa bản nào: gửi kèm If-Match.",
            "Say which version you change: send If-Match.",
        )
    found = re.fullmatch(r'"(\d{1,9})"', given.strip())
    if found is None:
        raise Malformed("bad-if-match", "If-Match chưa đúng.", "If-Match is not one of our ETags.")
    return int(found[1])
