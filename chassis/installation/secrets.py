"""What only this installation knows, made at its first start and kept under `var`."""

import json
import os
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path


class Secrets:
    """A file only its owner may read. What is asked for and not there yet is made and kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, name: str, make: Callable[[], str]) -> str:
        if name not in self._known:
            self._known[name] = make()
            self._keep()
        return self._known[name]

    def _keep(self) -> None:
        write_private(self._path, json.dumps(self._known, indent=1))


def write_private(path: Path, content: str, mode: int = 0o600) -> None:
    """Whole or not at all: losing keys is losing what they protect."""
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.chmod(mode)
    fresh.replace(path)


def password() -> str:
    """For machines."""
    return secrets.token_urlsafe(24)


def typed_password() -> str:
    """For people: five groups of letters and digits that are not mistaken for each other."""
    letters = "abcdefghkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(5))


def key() -> str:
    """32 bytes, base64."""
    return b64encode(secrets.token_bytes(32)).decode()


def key_ring() -> str:
    return json.dumps({"first": key()})


def seal_rings(services: Iterable[str]) -> str:
    return json.dumps({service: {"first": key()} for service in services})
