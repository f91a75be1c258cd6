"""One person's way to a relying party: the request, the code, and the tokens that come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from vocabulary.refusals import Malformed, NotFound

LEVELS = {"medium": 1, "high": 2}
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
LONGEST_QUERY = 4000


@dataclass(eq=False)
class SignOnRequest:
    """What the relying party asked for, waiting for the person. `id` is unguessable and its only key.

    `account`: who answered it first; it is nobody else's from then on.
    """

    id: UUID
    relying_party: UUID
    query: str
    started_at: datetime
    expires_at: datetime
    account: UUID | None = None


@dataclass(frozen=True)
class Demands:
    """How the person must be known. `max_age`: seconds since they proved it; `level`: at least this."""

    prompts: frozenset[str]
    max_age: int | None
    level: Literal["medium", "high"]

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> "Demands":
        """ValueError says, in words the relying party is told, what is wrong."""
        prompts = frozenset(parameters.get("prompt", "").split())
        if prompts - PROMPTS or ("none" in prompts and len(prompts) > 1):
            raise ValueError("prompt is not one of OpenID Connect Core.")
        age = parameters.get("max_age", "")
        if age and not (age.isascii() and age.isdigit() and len(age) <= 9):
            raise ValueError("max_age is a number of seconds.")
        return cls(prompts, int(age) if age else None, _level(parameters.get("acr_values", "")))

    def wants_login(self, authenticated_at: datetime, asked_at: datetime, now: datetime) -> bool:
        """Must they prove again who they are? Having done so since the request came is always enough."""
        if authenticated_at >= asked_at:
            return False
        if self.prompts & {"login", "select_account"}:
            return True
        return self.max_age is not None and now - authenticated_at > timedelta(seconds=self.max_age)

    def wants_more_than(self, level: str) -> bool:
        return LEVELS[level] < LEVELS[self.level]


def _level(acr_values: str) -> Literal["medium", "high"]:
    """Any of those asked for will do; without a word of ours among them nothing can be promised."""
    asked = acr_values.split()
    if not asked or "medium" in asked:
        return "medium"
    if "high" in asked:
        return "high"
    raise ValueError("acr_values are medium and high.")


@dataclass(eq=False)
class SignOn:
    """A code and, once it is spent, the family of tokens that came for it: they end together.

    Only the code's hash is kept. `acr` and `auth_time` are those of the moment. `logout_…`: when the
    relying party is told next that the session ended, how often it was tried, and when it took it.
    The methods without docstrings are those by which Authlib asks about a code.
    """

    id: UUID
    request: UUID
    relying_party: UUID
    account: UUID
    session: UUID
    scope: str
    redirect_uri: str
    nonce: str | None
    acr: str
    auth_time: datetime
    code_digest: bytes
    code_challenge: str
    code_expires_at: datetime
    expires_at: datetime
    code_used_at: datetime | None = None
    ended_at: datetime | None = None
    logout_due_at: datetime | None = None
    logout_tries: int = 0
    logout_told_at: datetime | None = None
    code_challenge_method: str = "S256"

    def spend_code(self, now: datetime) -> bool:
        """May the code be changed for tokens? One that comes back was stolen: its tokens die
        (RFC 6749 §4.1.2)."""
        if self.code_used_at is not None:
            self.end(now)
            return False
        self.code_used_at = now
        return now < self.code_expires_at

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at

    def end(self, now: datetime) -> None:
        self.ended_at = self.ended_at or now

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.auth_time.timestamp())

    def get_acr(self) -> str:
        return self.acr

    def get_amr(self) -> None:
        """None: what a session was opened with is not kept."""


@dataclass(eq=False)
class SignOnToken:
    """An access or refresh token of a relying party; only its hash is kept. It is no JWT, so none of our
    own services can take it for one of theirs."""

    digest: bytes
    sign_on: UUID
    relying_party: UUID
    kind: Literal["access", "refresh"]
    scope: str
    issued_at: datetime
    expires_at: datetime
    parent: bytes | None = None
    replaced_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        return now < self.expires_at and self.replaced_at is None

    def get_scope(self) -> str:
        return self.scope

    def check_client(self, client: object) -> bool:
        return getattr(client, "id", None) == self.relying_party


def no_such_sign_on() -> NotFound:
    return NotFound(
        "sign-on-not-found",
        "Lượt đăng nhập này không còn. Hãy quay lại trang bạn đang dùng và bấm đăng nhập lại.",
        "This sign-in is gone. Go back to the site you came from and sign in again.",
    )


def bad_sign_on(reason: str) -> Malformed:
    """`reason` is for whoever runs the relying party; the person can only go back."""
    return Malformed(
        "sign-on-refused",
        f"Trang đưa bạn đến đây gửi yêu cầu đăng nhập chưa đúng nên cổng không chuyển bạn đi đâu. ({reason})",
        f"The site that sent you here asked in a wrong way, so you are not sent anywhere. ({reason})",
    )
