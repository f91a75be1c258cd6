from uuid import UUID

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.login import Device, Login
from services.identity.model.session import LoginSession, RefreshToken
from services.identity.tables import devices, refresh_tokens


def login(uow: UnitOfWork, id: UUID) -> Login | None:
    """As `registration`."""
    found = uow.session.get(Login, id, with_for_update=True, populate_existing=True)
    return found if found and uow.now() < found.expires_at else None


def known_device(uow: UnitOfWork, account: UUID, digest: bytes) -> Device | None:
    return uow.session.execute(
        select(Device).where(
            devices.c.account == account, devices.c.digest == digest, devices.c.expires_at > uow.now()
        )
    ).scalar_one_or_none()


def session_of_token(uow: UnitOfWork, digest: bytes) -> tuple[LoginSession, RefreshToken] | None:
    """Both as they are after everybody else who refreshes the same session has finished."""
    family = uow.session.execute(
        select(refresh_tokens.c.session).where(refresh_tokens.c.digest == digest)
    ).scalar_one_or_none()
    if family is None:
        return None
    session = uow.session.get_one(LoginSession, family, with_for_update=True)
    return session, uow.session.get_one(RefreshToken, digest)


def successor_used(uow: UnitOfWork, digest: bytes) -> bool:
    """Was a token that came for this one already changed for another?"""
    used = select(refresh_tokens.c.digest).where(
        refresh_tokens.c.parent == digest, refresh_tokens.c.replaced_at.is_not(None)
    )
    return uow.session.execute(used.limit(1)).first() is not None
