"""The operators' mobile signature service: a SIM signs after its owner typed the PIN on the phone.

Asynchronous: a request gets a transaction, which is asked about until it is over. Nobody waits in between.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from chassis.http import Answer, Away, Client

End = Literal["signed", "refused", "wrong-pin", "expired", "no-certificate"]
ENDS: dict[str, End] = {
    "signed": "signed",
    "refused": "refused",
    "wrong-pin": "wrong-pin",
    "expired": "expired",
}


@dataclass(frozen=True)
class Wanted:
    """`number` is in the certificate asked for; `text` is shown on the phone.

    Asked again with the same `reference`, the service must not ring the phone again.
    """

    phone: str
    number: str
    challenge: bytes
    text: str
    reference: str


@dataclass(frozen=True)
class Heard:
    """`end` None: it still waits for the owner. `signature` is a CMS in DER, once it is signed."""

    transaction: str
    end: End | None = None
    signature: bytes = b""


class MobileSignatures(Protocol):
    def ask(self, wanted: Wanted) -> Heard:
        """`chassis.http.Away` when nobody answers: ask again with the same reference."""
        ...

    def hear(self, transaction: str) -> Heard:
        """As far as it is. `chassis.http.Away` likewise."""
        ...


class HttpMobileSignatures:
    """`POST <base>/mobile-signatures`, `GET <base>/mobile-signatures/<transaction>`.

    Both are answered `{transaction, state, signature?}`; 404 to the first: the phone has no such certificate.
    """

    def __init__(self, url: str, timeout: float = 2) -> None:
        self._client = Client(url.rstrip("/"), timeout)

    def ask(self, wanted: Wanted) -> Heard:
        body = {
            "phone": wanted.phone,
            "subject": wanted.number,
            "challenge": b64encode(wanted.challenge).decode(),
            "text": wanted.text,
            "reference": wanted.reference,
        }
        answer = self._client.post("/mobile-signatures", body)
        return Heard("", "no-certificate") if answer.status == 404 else _heard(answer)

    def hear(self, transaction: str) -> Heard:
        answer = self._client.get(f"/mobile-signatures/{transaction}")
        return Heard(transaction, "expired") if answer.status == 404 else _heard(answer)


class NoMobileSignatures:
    """An installation without a service: nobody can sign by SIM."""

    def ask(self, wanted: Wanted) -> Heard:  # noqa: ARG002
        raise Away("MOBILE_SIGNATURE_URL is not set")

    def hear(self, transaction: str) -> Heard:  # noqa: ARG002
        raise Away("MOBILE_SIGNATURE_URL is not set")


def mobile_signatures(url: str) -> MobileSignatures:
    return HttpMobileSignatures(url) if url else NoMobileSignatures()


def _heard(answer: Answer) -> Heard:
    said: Any = answer.json()
    if answer.status not in {200, 202} or not isinstance(said, dict):
        raise Away(f"answered {answer.status}")
    transaction, state = said.get("transaction"), said.get("state")
    if not isinstance(transaction, str) or (state != "waiting" and state not in ENDS):
        raise Away("answered what is no transaction")
    return Heard(transaction, ENDS.get(state), _signature(said) if state == "signed" else b"")


def _signature(said: dict[str, Any]) -> bytes:
    try:
        return b64decode(said["signature"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise Away("answered a signature that is none") from error
