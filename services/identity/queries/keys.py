from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.signing_key import SigningKey
from services.identity.tables.keys import signing_keys


def signing_keys_kept(uow: UnitOfWork) -> Sequence[SigningKey]:
    """All that are published, as they are now."""
    kept = select(SigningKey).where(or_(signing_keys.c.ends_at.is_(None), signing_keys.c.ends_at > uow.now()))
    return uow.session.execute(kept.execution_options(populate_existing=True)).scalars().all()


def public_keys(uow: UnitOfWork) -> list[dict[str, Any]]:
    """As JWKs, newest first: the one that will sign next comes before the one that signs now."""
    found = sorted(signing_keys_kept(uow), key=lambda key: key.signs_from, reverse=True)
    return [key.public for key in found]
