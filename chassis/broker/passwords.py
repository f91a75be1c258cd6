"""Passwords as RabbitMQ keeps them: base64 of a salt of four bytes and the SHA-256 of salt and password."""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any

SALT_BYTES = 4
HASHING = "rabbit_password_hashing_sha256"


def hashed(password: str, salt: bytes | None = None) -> str:
    """With the same salt the same. With the hash an account is made again as it was."""
    salt = salt or secrets.token_bytes(SALT_BYTES)
    return b64encode(salt + sha256(salt + password.encode()).digest()).decode()


def is_of(account: Mapping[str, Any], password: str) -> bool:
    """Whether an account, as the management API shows it, has this password."""
    kept = account.get("password_hash", "")
    if account.get("hashing_algorithm") != HASHING or not kept:
        return False
    return compare_digest(kept, hashed(password, b64decode(kept)[:SALT_BYTES]))
