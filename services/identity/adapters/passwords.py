"""argon2id, and the block list of common passwords."""

from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from services.identity.model.password import tidy_password

COMMON = Path(__file__).parents[1] / "data" / "common-passwords.txt"


class Passwords:
    """The defaults are OWASP's: 19 MiB, two passes, one lane."""

    def __init__(self, time_cost: int = 2, memory_kib: int = 19_456, parallelism: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost, memory_kib, parallelism)
        self._nobody = self._hasher.hash("nobody has this password")
        self.common = frozenset(COMMON.read_text(encoding="utf-8").split())

    def hash(self, password: str) -> str:
        return self._hasher.hash(tidy_password(password))

    def match(self, stored: str | None, password: str) -> bool:
        """Takes the same work for a login that does not exist (`stored` is None)."""
        try:
            self._hasher.verify(stored or self._nobody, tidy_password(password))
        except VerifyMismatchError:
            return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """Made with other parameters than those set now."""
        return self._hasher.check_needs_rehash(stored)
