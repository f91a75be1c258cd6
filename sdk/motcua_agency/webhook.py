"""Webhooks as the portal signs them: Standard Webhooks, HMAC-SHA-256."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping

from motcua_agency.errors import BadSignatureError
from motcua_agency.event import Event, parse

TOLERANCE_SECONDS = 300


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> Event:
    """The event of a request that the portal sent within the last five minutes; `body` byte for byte.

    BadSignatureError: answer 400 and do nothing. UnreadableEventError: signed, but no event. Answer 2xx once
    the event is stored; the portal sends it again until then, so drop positions you have.
    """
    given = {name.lower(): value for name, value in headers.items()}
    id, sent_at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    _check_time(sent_at, time.time() if now is None else now)
    signed = hmac.digest(_key(secret), f"{id}.{sent_at}.".encode() + body, hashlib.sha256)
    wanted = "v1," + base64.b64encode(signed).decode()
    offered = given.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(one.encode(), wanted.encode()) for one in offered):
        raise BadSignatureError("no signature of this secret")
    return parse(body)


def _check_time(sent_at: str, now: float) -> None:
    if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) < 16):
        raise BadSignatureError("no time")
    if abs(now - int(sent_at)) > TOLERANCE_SECONDS:
        raise BadSignatureError("sent too long ago, or one of the two clocks is wrong")


def _key(secret: str) -> bytes:
    """ValueError when the secret is not one of ours: `whsec_` and base64."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret is not `whsec_` and base64") from error
    if not key:
        raise ValueError("the secret is empty")
    return key
