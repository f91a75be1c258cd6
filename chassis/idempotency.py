"""Idempotency-Key: the same request again gets the same answer, and nothing happens twice.

The answer is stored, encrypted, in the transaction of the change it answers for: both are there or neither.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from flask import Response, g, make_response, request
from sqlalchemy import delete, func, insert, select

from chassis.sealing import decrypt, encrypt
from chassis.tables import idempotency_keys as keys
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from chassis.web import takes_header, unit_of_work
from vocabulary.refusals import Conflict, Invalid, Malformed

KEPT = timedelta(days=2)
KEPT_HEADERS = ("Content-Type", "ETag", "Location")


def idempotent(required: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For a creating POST. Same key and body: same answer; other body: 422; still running: 409."""

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def once(*args: Any, **kwargs: Any) -> Any:
            key = request.headers.get("Idempotency-Key", "")
            if not key and not required:
                return view(*args, **kwargs)
            if not 1 <= len(key) <= 200:
                raise _missing_key()
            with unit_of_work() as uow:
                mac = hmac.digest(uow.settings.index, _content(), "sha256")
                return _once(uow, _scope(mac), key, mac, lambda: make_response(view(*args, **kwargs)))

        return takes_header("Idempotency-Key", required)(once)

    return declare


def _content() -> bytes:
    """What was sent. Of a multipart body its parts: the boundary between them is made anew each time."""
    if request.mimetype != "multipart/form-data":
        return request.get_data(cache=True)
    parts: list[tuple[str, ...]] = list(request.form.items(multi=True))
    for name, file in request.files.items(multi=True):
        digest = hashlib.file_digest(cast(Any, file.stream), "sha256").hexdigest()
        file.stream.seek(0)
        parts.append((name, file.filename or "", file.mimetype, digest))
    return json.dumps(parts).encode()


def _scope(mac: bytes) -> str:
    """Whose key it is; of each who acts for them too. Without an account it is theirs who send the same:
    nobody takes another's.
    """
    caller = mac.hex()
    if "principal" in g:
        caller = " for ".join(str(id) for id in (g.principal.actor, g.principal.account) if id)
    return f"{caller} {request.method} {request.path}"


def _once(uow: UnitOfWork, scope: str, key: str, mac: bytes, run: Callable[[], Response]) -> Response:
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"{scope} {key}", 0))
    if not uow.session.execute(select(lock)).scalar_one():
        raise Conflict("in-progress", "Yêu cầu này đang được xử lý.", "This very request is being worked on.")
    known = uow.session.execute(select(keys).where(keys.c.scope == scope, keys.c.key == key)).one_or_none()
    if known is None:
        return _remember(uow, scope, key, mac, run())
    if not hmac.compare_digest(known.body_mac, mac):
        raise Invalid(
            "key-reused",
            "Khoá chống gửi trùng này đã dùng cho một yêu cầu khác.",
            "This Idempotency-Key was used for another request.",
        )
    answer = decrypt(uow.settings.master.keys[known.kid], known.answer, mac)
    return Response(answer, known.status, known.headers)


def _remember(uow: UnitOfWork, scope: str, key: str, mac: bytes, answer: Response) -> Response:
    kid, master = uow.settings.master.current
    row = {
        "scope": scope,
        "key": key,
        "body_mac": mac,
        "status": answer.status_code,
        "headers": {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers},
        "kid": kid,
        "answer": encrypt(master, answer.get_data(), mac),
        "at": uow.now(),
    }
    uow.session.execute(insert(keys).values(row))
    return answer


def forget_old(units: UnitsOfWork) -> int:
    """A timer of every service: keys older than two days are forgotten. Returns 0: never urgent."""
    with units() as uow:
        before: datetime = uow.now() - KEPT
        uow.session.execute(delete(keys).where(keys.c.at < before))
    return 0


def _missing_key() -> Malformed:
    return Malformed(
        "idempotency-key-required",
        "Gửi kèm Idempotency-Key (1 đến 200 ký tự) để không gửi trùng.",
        "Send an Idempotency-Key (1 to 200 characters) so that nothing is sent twice.",
    )
