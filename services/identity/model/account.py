from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.identity.model.methods import Assurance
from services.identity.model.person import AccountKind

Standing = Literal["active", "suspended", "removed"]
"""Only an official is ever suspended or removed, by their agency's administrator. The account itself stays:
what they decided stays theirs, and nobody else gets their login."""


@dataclass(eq=False)
class Account:
    """Somebody who can log in. `person` is encrypted under the account's own data key."""

    id: UUID
    kind: AccountKind
    login_index: bytes
    person: bytes
    password_hash: str
    assurance: Assurance
    language: Literal["vi", "en"]
    opened_at: datetime
    agency: str | None = None
    roles: list[str] = field(default_factory=list)
    standing: Standing = "active"
    closed_at: datetime | None = None
