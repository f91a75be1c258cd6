"""What callers send, read strictly: a gateway that takes anything would hide our mistakes."""

from collections.abc import Mapping

from flask import request

from vocabulary.people import parse_phone
from vocabulary.refusals import Invalid


class BadBody(Exception):
    def __init__(self, field: str | None, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


def read(*fields: str) -> dict[str, str]:
    """The JSON body: exactly these fields, each a text that is not empty. BadBody otherwise."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadBody(None, "an object is expected")
    for field in fields:
        if not isinstance(body.get(field), str) or not body[field].strip():
            raise BadBody(field, f"{field} is missing or is not a text")
    for field in body.keys() - set(fields):
        raise BadBody(field, f"{field} is not known here")
    return body


def phone(field: str, body: Mapping[str, str]) -> str:
    """Ten digits, whichever way the caller wrote them."""
    try:
        return parse_phone(body[field])
    except Invalid as refusal:
        raise BadBody(field, refusal.detail.en) from refusal


def email(field: str, body: Mapping[str, str]) -> str:
    name, at, host = body[field].strip().rpartition("@")
    if not (name and at and "." in host):
        raise BadBody(field, f"{field} is not an e-mail address")
    return body[field].strip()
