from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(eq=False)
class Consent:
    """What a person lets a relying party learn of them, until they take it back."""

    account: UUID
    relying_party: UUID
    scopes: list[str]
    given_at: datetime

    def covers(self, scope: str) -> bool:
        return set(scope.split()) <= set(self.scopes)
