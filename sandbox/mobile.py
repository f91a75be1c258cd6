"""A mobile operator's signature service: a SIM signs once its owner types the PIN.

Asynchronous, as the real ones are: a request is answered with a transaction, which is then asked about.
"""

import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from sandbox.authority import Authority

PIN = "2468"
MOST_TRIES = 3
LASTS = 180.0
ANOTHERS = "usb-khoi"
State = Literal["waiting", "signed", "refused", "wrong-pin", "expired"]


class NoSuchCard(Exception):
    """The phone's SIM has no certificate for that number."""


@dataclass
class Transaction:
    """`challenge` base64; `text` is what the phone shows. `until` as `time.monotonic` counts."""

    id: str
    card: str
    phone: str
    challenge: str
    text: str
    until: float
    state: State = "waiting"
    tries: int = 0
    signature: str | None = None

    def as_json(self) -> dict[str, str]:
        told = {"transaction": self.id, "state": self.state}
        return told | ({"signature": self.signature} if self.signature else {})


class Mobile:
    """Kept in memory: requests live for minutes. `clock` in seconds."""

    def __init__(self, authority: Authority, clock: Callable[[], float] = time.monotonic) -> None:
        self._authority = authority
        self._clock = clock
        self._known: dict[str, Transaction] = {}
        self._by_reference: dict[str, str] = {}
        self._lock = Lock()

    def ask(
        self, phone: str, subject: str, challenge: str, text: str, reference: str, how: str
    ) -> Transaction:
        """Asked again with the same reference: the same transaction. NoSuchCard; ValueError: no base64."""
        card = self._authority.card_of(phone, subject)
        b64decode(challenge, validate=True)
        if card is None:
            raise NoSuchCard
        with self._lock:
            if reference in self._by_reference:
                return self._known[self._by_reference[reference]]
            made = Transaction(secrets.token_hex(16), card, phone, challenge, text, self._clock() + LASTS)
            self._known[made.id], self._by_reference[reference] = made, made.id
            self._at_once(made, how)
        return made

    def find(self, id: str) -> Transaction | None:
        with self._lock:
            found = self._known.get(id)
            if found and found.state == "waiting" and self._clock() >= found.until:
                found.state = "expired"
            return found

    def waiting(self) -> list[Transaction]:
        """Newest first."""
        with self._lock:
            ids = list(self._known)[::-1]
        found = [self.find(id) for id in ids]
        return [each for each in found if each and each.state == "waiting"]

    def type_pin(self, id: str, pin: str) -> Transaction | None:
        found = self.find(id)
        with self._lock:
            if found and found.state == "waiting":
                self._typed(found, pin)
        return found

    def refuse(self, id: str) -> Transaction | None:
        found = self.find(id)
        with self._lock:
            if found and found.state == "waiting":
                found.state = "refused"
        return found

    def _typed(self, asked: Transaction, pin: str) -> None:
        asked.tries += 1
        if pin == PIN:
            self._sign(asked, asked.card)
        elif asked.tries >= MOST_TRIES:
            asked.state = "wrong-pin"

    def _at_once(self, asked: Transaction, how: str) -> None:
        if how == "signs":
            self._sign(asked, asked.card)
        elif how == "another-key":
            self._sign(asked, ANOTHERS)
        elif how == "refuses":
            asked.state = "refused"
        elif how == "wrong-pin":
            asked.state = "wrong-pin"

    def _sign(self, asked: Transaction, card: str) -> None:
        signature = self._authority.sign(card, b64decode(asked.challenge))
        asked.signature, asked.state = b64encode(signature).decode(), "signed"
