from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.identity.model.methods import Assurance
from services.identity.model.rules import Rules
from vocabulary.refusals import NotAuthenticated, NotFound


@dataclass(eq=False)
class RefreshToken:
    """One link of a session's chain; only its hash is kept. `parent` is the token it came for."""

    digest: bytes
    session: UUID
    parent: bytes | None
    issued_at: datetime
    replaced_at: datetime | None = None


Ending = Literal[
    "logout",
    "reuse",
    "elsewhere",
    "everywhere",
    "password",
    "recovery",
    "closed",
    "suspended",
    "removed",
]


@dataclass(eq=False)
class LoginSession:
    """A family of refresh tokens: it ends as a whole. `browser`: family and system, when they are known.

    `assurance` is of this session, whatever the account's: high once its owner signed in it.
    """

    id: UUID
    account: UUID
    device: UUID
    started_at: datetime
    idle_until: datetime
    expires_at: datetime
    seen_at: datetime
    assurance: Assurance = "medium"
    browser: str | None = None
    ended_at: datetime | None = None
    mandate: UUID | None = None
    ended_because: Ending | None = None

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and now < min(self.idle_until, self.expires_at)

    def replace(self, token: RefreshToken, successor_used: bool, now: datetime, rules: Rules) -> bool:
        """May `token` be changed for a new one? Locks the family out when it was stolen.

        A replaced token that comes back is a thief's or its victim's, nobody can tell which: the family
        ends. Except the immediately previous one for a few seconds: two tabs refresh at the same moment.
        """
        if not self.is_open(now):
            return False
        if token.replaced_at is not None:
            late = now - token.replaced_at > rules.refresh_grace
            if late or successor_used:
                self.end(now, "reuse")
                return False
        else:
            token.replaced_at = now
        self.idle_until, self.seen_at = now + rules.session_idle, now
        return True

    def end(self, now: datetime, because: Ending) -> None:
        if self.ended_at is None:
            self.ended_at = now
            self.ended_because = because


def log_in_again() -> NotAuthenticated:
    return NotAuthenticated(
        "session-ended",
        "Phiên đăng nhập đã kết thúc. Hãy đăng nhập lại.",
        "Your session has ended. Please log in again.",
    )


def no_such_session() -> NotFound:
    return NotFound(
        "no-such-session",
        "Phiên đăng nhập này không còn.",
        "There is no such session any more.",
    )
