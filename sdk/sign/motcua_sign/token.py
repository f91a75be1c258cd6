"""A token as PKCS#11 shows it: certificates, and keys that sign without being seen."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import PyKCS11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


class Refused(Exception):
    """The token, or its driver, does not do it; the message is for its owner."""


@dataclass(frozen=True)
class Card:
    """One certificate with a key on the token."""

    id: bytes
    label: str
    certificate: x509.Certificate


class Token:
    """A session with one token."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def certificates(self) -> list[Card]:
        wanted = (PyKCS11.CKA_ID, PyKCS11.CKA_LABEL, PyKCS11.CKA_VALUE)
        found = [
            self._session.getAttributeValue(each, list(wanted))
            for each in self._session.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_CERTIFICATE)])
        ]
        return [
            Card(bytes(id or ()), str(label), x509.load_der_x509_certificate(bytes(value)))
            for id, label, value in found
        ]

    def signer(self, label: str | None) -> tuple[Card, list[x509.Certificate]]:
        """The card to sign with, and the token's other certificates, authorities' among them. Refused."""
        cards = self.certificates()
        mine = [card for card in cards if card.id and self._key(card) is not None]
        chosen = [card for card in mine if label in {None, card.label}]
        if len(chosen) != 1:
            names = ", ".join(card.label for card in mine) or "none"
            raise Refused(f"Choose one certificate with --certificate; on the token: {names}")
        return chosen[0], [card.certificate for card in cards if card is not chosen[0]]

    def sign(self, card: Card, data: bytes) -> bytes:
        key = self._key(card)
        public = card.certificate.public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            rsa = PyKCS11.Mechanism(PyKCS11.CKM_SHA256_RSA_PKCS, None)
            return bytes(self._session.sign(key, data, rsa))
        ecdsa = PyKCS11.Mechanism(PyKCS11.CKM_ECDSA, None)
        both = bytes(self._session.sign(key, hashlib.sha256(data).digest(), ecdsa))
        half = len(both) // 2
        return encode_dss_signature(int.from_bytes(both[:half]), int.from_bytes(both[half:]))

    def _key(self, card: Card) -> Any:
        private = [(PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY), (PyKCS11.CKA_ID, card.id)]
        return next(iter(self._session.findObjects(private)), None)


def _driver(module: str) -> Any:
    driver = PyKCS11.PyKCS11Lib()
    try:
        driver.load(module)
    except PyKCS11.PyKCS11Error as error:
        raise Refused(f"The driver {module} cannot be loaded: {error}") from error
    return driver


def tokens(module: str) -> list[str]:
    """Labels of the tokens that are plugged in. Refused when the driver does not load."""
    driver = _driver(module)
    return [_label(driver, slot) for slot in _slots(driver)]


@contextmanager
def opened(module: str, label: str | None, pin: str | None) -> Iterator[Token]:
    """Without a PIN only what anybody may see.

    Refused: no such token, a wrong PIN, or whatever else its driver says while it is used.
    """
    driver = _driver(module)
    slots = [slot for slot in _slots(driver) if label in {None, _label(driver, slot)}]
    if len(slots) != 1:
        raise Refused("Choose one token with --token; --list shows what is plugged in.")
    try:
        session = driver.openSession(slots[0], PyKCS11.CKF_SERIAL_SESSION)
        if pin is not None:
            session.login(pin)
        yield Token(session)
        session.closeSession()
    except PyKCS11.PyKCS11Error as error:
        raise Refused(WORDS.get(error.value, f"The token says: {error}")) from error


WORDS = {
    PyKCS11.CKR_PIN_INCORRECT: "The PIN is not right. Too many wrong PINs lock the token.",
    PyKCS11.CKR_PIN_LEN_RANGE: "The PIN is too short or too long.",
    PyKCS11.CKR_PIN_LOCKED: "The token is locked. Its issuer can unlock it.",
}


def _slots(driver: Any) -> list[int]:
    """With a token that somebody has made ready."""
    found = driver.getSlotList(tokenPresent=True)
    return [slot for slot in found if driver.getTokenInfo(slot).flags & PyKCS11.CKF_TOKEN_INITIALIZED]


def _label(driver: Any, slot: int) -> str:
    return str(driver.getTokenInfo(slot).label).strip().rstrip("\0")
