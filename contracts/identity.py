from collections.abc import Mapping
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event, Instant, Sealed

SOURCE = "/services/identity"


class CodeRequested(Event, frozen=True, kw_only=True):
    """A one-time code must reach a phone. Never replayed; blanked once sent.

    `act` says what for when it is neither of the two purposes: `password-reset`, `phone-change`,
    `recovery`.
    """

    type: ClassVar[str] = "motcua.identity.code-requested.v1"
    source: ClassVar[str] = SOURCE
    blanked_once_sent: ClassVar[tuple[str, ...]] = ("phone", "code")

    request: UUID
    purpose: Literal["registration", "login"]
    phone: Sealed
    code: Sealed
    language: Literal["vi", "en"]
    expires_at: Instant
    act: str | None = None

    @property
    def subject(self) -> str:
        return str(self.request)


class OfficialInvited(Event, frozen=True, kw_only=True):
    """Somebody is invited to an agency's desk: the link must reach them. Never replayed; blanked once sent.

    `invited_to` is the agency's code; `to` is a phone or an e-mail address, as `channel` says.
    """

    type: ClassVar[str] = "motcua.identity.official-invited.v1"
    source: ClassVar[str] = SOURCE
    blanked_once_sent: ClassVar[tuple[str, ...]] = ("to", "link")

    invitation: UUID
    invited_to: str
    channel: Literal["sms", "mail"]
    to: Sealed
    link: Sealed
    language: Literal["vi", "en"]
    expires_at: Instant

    @property
    def subject(self) -> str:
        return str(self.invitation)


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


class AccountChanged(AccountRegistered, frozen=True, kw_only=True):
    """An account's phone, e-mail, language or assurance is another now; `at` is when it was opened."""

    type: ClassVar[str] = "motcua.identity.account-changed.v1"


class AccountClosed(Event, frozen=True, kw_only=True):
    """An account is gone, its data key destroyed. Who keeps anything of the person erases what law allows."""

    type: ClassVar[str] = "motcua.identity.account-closed.v1"
    source: ClassVar[str] = SOURCE

    account: UUID
    at: Instant

    @property
    def subject(self) -> str:
        return str(self.account)


NOTICES: Mapping[str, frozenset[str]] = {
    "new-login": frozenset({"browser"}),
    "password-changed": frozenset(),
    "password-reset": frozenset(),
    "phone-changed": frozenset(),
    "email-changed": frozenset(),
    "recovery-started": frozenset({"ends_at"}),
    "recovery-halfway": frozenset({"ends_at"}),
    "recovery-stopped": frozenset(),
    "recovery-done": frozenset(),
    "closing-started": frozenset({"ends_at"}),
    "closing-halfway": frozenset({"ends_at"}),
    "closing-stopped": frozenset(),
    "account-closed": frozenset(),
    "mandate-offered": frozenset(),
    "mandate-accepted": frozenset(),
    "mandate-used": frozenset(),
    "mandate-ended": frozenset(),
}
"""What an account's owner can be told, and with which details. What is not always known may be left out;
a detail named `..._at` is a moment in ISO 8601. Nothing personal is among them."""


class AccountNotice(Event, frozen=True, kw_only=True):
    """Something happened to an account that its owner must hear of on every channel.

    `notice` is one of NOTICES. `contact` is sealed for notify as in AccountRegistered: where the person
    is reached at this moment, officials too. `secret` is sealed for notify: a code for the notice's link,
    which can do nothing but stop what the notice tells of.
    """

    type: ClassVar[str] = "motcua.identity.account-notice.v1"
    source: ClassVar[str] = SOURCE

    account: UUID
    notice: str
    details: dict[str, str]
    language: Literal["vi", "en"]
    contact: Sealed
    at: Instant
    secret: Sealed | None = None

    @property
    def subject(self) -> str:
        return str(self.account)
