"""Opaque cursors: `?cursor=&limit=` in, `next_cursor` out."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec
from flask import request

from vocabulary.refusals import Fault, Invalid, Malformed
from vocabulary.text import Text

USUAL, MOST = 20, 100


def read() -> tuple[str | None, int]:
    """The caller's cursor and limit. Invalid when the limit is not 1 to 100."""
    limit = request.args.get("limit", str(USUAL))
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= MOST):
        text = Text(f"Số mục mỗi trang từ 1 đến {MOST}.", f"The limit is from 1 to {MOST}.")
        raise Invalid("invalid", text.vi, text.en, [Fault("/limit", "range", text)])
    return request.args.get("cursor") or None, int(limit)


def cursor_of(*values: str) -> str:
    return urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def values_of(cursor: str, count: int) -> list[str]:
    """What `cursor_of` was given. Malformed when it is not one of ours."""
    try:
        values = msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=list[str])
    except (ValueError, msgspec.DecodeError) as error:
        raise _bad() from error
    if len(values) != count:
        raise _bad()
    return values


def _bad() -> Malformed:
    return Malformed(
        "bad-cursor", "Trang này không còn. Hãy xem lại từ đầu.", "This page is gone. Start again."
    )
