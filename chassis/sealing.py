"""Sealed fields: AES-256-GCM for one service's eyes, in outbox, broker, inbox and parking."""

import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.settings import KeyRing
from contracts.event import Sealed

NONCE = 12


def encrypt(key: bytes, text: bytes, bound_to: bytes) -> bytes:
    """Nonce and ciphertext; opens only with the same `bound_to`."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, bound_to)


def decrypt(key: bytes, box: bytes, bound_to: bytes) -> bytes:
    """ValueError when the key or what it is bound to is another, or the box was changed."""
    try:
        return AESGCM(key).decrypt(box[:NONCE], box[NONCE:], bound_to)
    except InvalidTag as error:
        raise ValueError("sealed with another key, or changed") from error


def seal(ring: KeyRing, service: str, text: str) -> Sealed:
    kid, key = ring.current
    return Sealed(kid=kid, box=b64encode(encrypt(key, text.encode(), service.encode())).decode())


def unseal(ring: KeyRing, service: str, sealed: Sealed) -> str:
    """ValueError when it is not for this service, is blanked, or its key is gone."""
    if sealed.kid not in ring.keys:
        raise ValueError(f"no key {sealed.kid!r} opens this")
    return decrypt(ring.keys[sealed.kid], b64decode(sealed.box), service.encode()).decode()
