from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.identity.tables import signing_keys


def public_keys(uow: UnitOfWork) -> list[dict[str, str]]:
    """Newest first, as JWKs."""
    rows = select(signing_keys.c.public).order_by(signing_keys.c.made_at.desc())
    return list(uow.session.execute(rows).scalars())
