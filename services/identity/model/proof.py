"""What an account rests on: each time its holder proved who they are."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.model.methods import Assurance


@dataclass(eq=False)
class Proof:
    """`method` is one of `methods.METHODS`."""

    id: UUID
    account: UUID
    method: str
    assurance: Assurance
    at: datetime
