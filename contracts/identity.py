from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event, Instant, Sealed

SOURCE = "/services/identity"


class CodeRequested(Event, frozen=True, kw_only=True):
    """A one-time code must reach a phone. Never replayed; blanked once sent."""

    type: ClassVar[str] = "motcua.identity.code-requested.v1"
    source: ClassVar[str] = SOURCE
    blanked_once_sent: ClassVar[tuple[str, ...]] = ("phone", "code")

    request: UUID
    purpose: Literal["registration", "login"]
    phone: Sealed
    code: Sealed
    language: Literal["vi", "en"]
    expires_at: Instant

    @property
    def subject(self) -> str:
        return str(self.request)


class AccountRegistered(Event, frozen=True, kw_only=True):
    """A person proved who they are and set a password.

    `contact` is sealed for notify: JSON `{"phone", "email"?}`. `profile` is sealed for dossier:
    JSON `{"full_name", "id_number", "date_of_birth", "phone"}`; for a business its name, its tax code as
    `id_number`, `"phone"`, `"address"` and `"representative": {"full_name", "id_number", "date_of_birth"}`.
    """

    type: ClassVar[str] = "motcua.identity.account-registered.v1"
    source: ClassVar[str] = SOURCE

    account: UUID
    kind: Literal["citizen", "business"]
    assurance: Literal["medium", "high"]
    language: Literal["vi", "en"]
    contact: Sealed
    profile: Sealed
    at: Instant

    @property
    def subject(self) -> str:
        return str(self.account)


class AccountSnapshot(AccountRegistered, frozen=True, kw_only=True):
    """An account as it is now, for a subscriber that lacks the past. `at` is when it was opened."""

    type: ClassVar[str] = "motcua.identity.account-snapshot.v1"
