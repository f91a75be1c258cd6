"""Whom a relying party is told of: an id that is the person's in its sector, and nowhere else."""

from base64 import urlsafe_b64encode
from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from services.identity.model.relying_party import RelyingParty


def pairwise(uow: UnitOfWork, party: RelyingParty, account: UUID) -> str:
    """Keyed (OpenID Connect Core §8.1): two sectors cannot put together what they know of a person, and
    nobody can compute it from an account's id. Stable as long as IDENTITY_INDEX_KEY is."""
    digest = uow.index(f"subject:{party.sector}:{account}")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
