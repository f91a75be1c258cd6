from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.identity.model.rules import Rules
from vocabulary.refusals import NotAuthenticated, NotFound, TooMany

FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(eq=False)
class Login:
    """The right password from a device not seen before: it waits for a code."""

    id: UUID
    account: UUID
    started_at: datetime
    expires_at: datetime


@dataclass(eq=False)
class Device:
    """A browser that has passed the code once. Only a hash of its token is kept, and a keyed one of the
    network it was last seen in."""

    id: UUID
    account: UUID
    digest: bytes
    seen_at: datetime
    expires_at: datetime
    network: bytes | None = None


@dataclass(eq=False)
class Backoff:
    """Failed attempts: logins of one known device, of a login name from one network or from everywhere,
    registrations of one ID number."""

    key: bytes
    failures: int
    blocked_until: datetime
    forget_at: datetime

    def count(self, now: datetime, rules: Rules, free: int) -> None:
        """Counts an attempt before it is looked at whether it is right. TooMany while blocked."""
        if now < self.blocked_until:
            raise TooMany(
                "login-paused",
                "Có quá nhiều lần thử không thành công. Hãy chờ một lát rồi thử lại.",
                "Too many failed attempts. Wait a little, then try again.",
                self.blocked_until - now,
            )
        self.failures = 1 if now >= self.forget_at else self.failures + 1
        self.blocked_until = now + pause_after(self.failures - free, rules)
        self.forget_at = now + FORGOTTEN_AFTER


def pause_after(beyond: int, rules: Rules) -> timedelta:
    """None for the first few, then doubling up to the longest; never for ever."""
    if beyond < 0:
        return timedelta(0)
    return min(rules.login_pause * (1 << min(beyond, 20)), rules.login_longest_pause)


def login_failed() -> NotAuthenticated:
    """The same for an unknown login and a wrong password."""
    return NotAuthenticated(
        "login-failed",
        "Tên đăng nhập hoặc mật khẩu không đúng.",
        "The login or the password is not right.",
    )


def no_such_login() -> NotFound:
    return NotFound(
        "login-not-found",
        "Lượt đăng nhập này không còn. Hãy đăng nhập lại.",
        "This login is gone. Please log in again.",
    )
