from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.login import Device, Login
from services.identity.model.session import LoginSession, RefreshToken
from services.identity.tables import devices, refresh_tokens, sessions


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


def has_devices(uow: UnitOfWork, account: UUID) -> bool:
    """Whether it was ever logged in to from anywhere that still counts."""
    return (
        uow.session.execute(select(devices.c.id).where(devices.c.account == account).limit(1)).first()
        is not None
    )


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


def sessions_to_end(uow: UnitOfWork, account: UUID) -> list[LoginSession]:
    """Idle ones too: what other portals made of them goes on until they are ended. Locked."""
    found = select(LoginSession).where(sessions.c.account == account, sessions.c.ended_at.is_(None))
    locked = found.order_by(sessions.c.id).with_for_update()
    return list(uow.session.scalars(locked.execution_options(populate_existing=True)))


def open_sessions(uow: UnitOfWork, account: UUID) -> list[LoginSession]:
    """Seen last, first."""
    now = uow.now()
    found = select(LoginSession).where(
        sessions.c.account == account,
        sessions.c.ended_at.is_(None),
        sessions.c.idle_until > now,
        sessions.c.expires_at > now,
    )
    return list(uow.session.scalars(found.order_by(sessions.c.seen_at.desc(), sessions.c.id)))


def is_familiar(uow: UnitOfWork, account: UUID, network: bytes) -> bool:
    """Was a device of the account that is still known last seen in this network?"""
    seen = select(devices.c.id).where(
        devices.c.account == account, devices.c.network == network, devices.c.expires_at > uow.now()
    )
    return uow.session.execute(seen.limit(1)).first() is not None


def devices_of(uow: UnitOfWork, account: UUID) -> list[Device]:
    """Known ones, seen last first."""
    known = select(Device).where(devices.c.account == account, devices.c.expires_at > uow.now())
    return list(uow.session.scalars(known.order_by(devices.c.seen_at.desc())))


def ended_since(uow: UnitOfWork, since: datetime) -> list[UUID]:
    """Those that were ended from elsewhere: who logs out throws their own tokens away."""
    found = select(sessions.c.id).where(sessions.c.ended_at > since, sessions.c.ended_because != "logout")
    return list(uow.session.scalars(found))
