"""Webhooks are believed only as the portal signs them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

import pytest

from motcua_agency import BadSignatureError, UnreadableEventError
from motcua_agency.webhook import verify
from tests.sdk.fake_portal import EVENTS

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps(EVENTS[0]).encode()
NOW = 1_795_600_000


def signed(body: bytes = BODY, at: int = NOW, secret: str = SECRET, id: str = "msg_1") -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"Webhook-Id": id, "webhook-timestamp": str(at), "WEBHOOK-SIGNATURE": signature}


def test_what_the_portal_signed_is_its_event() -> None:
    event = verify(SECRET, signed(), BODY, now=NOW)
    assert (event.id, event.position) == (EVENTS[0]["id"], 1)


def test_the_example_of_the_standard_is_verified() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    with pytest.raises(UnreadableEventError):  # signed, but no event of ours
        verify(SECRET, headers, b'{"test": 2432232314}', now=1614265330)


def test_one_good_signature_among_others_is_enough() -> None:
    headers = signed()
    headers["WEBHOOK-SIGNATURE"] = f"v1,AAAA v2,xyz {headers['WEBHOOK-SIGNATURE']} v1a,ed25519"
    assert verify(SECRET, headers, BODY, now=NOW).position == 1


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_tolerated(seconds: int) -> None:
    assert verify(SECRET, signed(at=NOW + seconds), BODY, now=NOW).position == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(at=NOW - 301),
        signed(at=NOW + 301),
        signed(secret="whsec_" + base64.b64encode(b"another").decode()),
        signed(body=BODY + b" "),
        signed() | {"Webhook-Id": "msg_2"},
        signed() | {"webhook-timestamp": str(NOW + 1)},
        signed() | {"webhook-timestamp": "later"},
        signed() | {"webhook-timestamp": "٣"},
        signed() | {"webhook-timestamp": "9" * 30},
        signed() | {"WEBHOOK-SIGNATURE": ""},
        signed() | {"WEBHOOK-SIGNATURE": "v1,é"},
        signed() | {"WEBHOOK-SIGNATURE": signed()["WEBHOOK-SIGNATURE"].removeprefix("v1,")},
    ],
    ids=lambda headers: str(sorted(headers.items()))[-30:],
)
def test_anything_else_is_refused(headers: Mapping[str, str]) -> None:
    with pytest.raises(BadSignatureError):
        verify(SECRET, headers, BODY, now=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_no base64"])
def test_a_secret_that_is_none_is_never_used(secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        verify(secret, signed(), BODY, now=NOW)
