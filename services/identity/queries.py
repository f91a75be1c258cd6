from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from chassis.unit_of_work import UnitOfWork
from services.identity.model.account import Account
from services.identity.model.code import OneTimeCode, Purpose
from services.identity.model.login import Device, Login
from services.identity.model.person import Person
from services.identity.model.registration import Registration
from services.identity.model.session import LoginSession, RefreshToken
from services.identity.tables import accounts, codes, devices, refresh_tokens, signing_keys


def registration(uow: UnitOfWork, id: UUID) -> Registration | None:
    """Locked until the transaction ends; None when it does not exist or has expired."""
    found = uow.session.get(Registration, id, with_for_update=True, populate_existing=True)
    return found if found and uow.now() < found.expires_at else None


def login(uow: UnitOfWork, id: UUID) -> Login | None:
    """As `registration`."""
    found = uow.session.get(Login, id, with_for_update=True, populate_existing=True)
    return found if found and uow.now() < found.expires_at else None


def account_by_login(uow: UnitOfWork, login_index: bytes) -> Account | None:
    return uow.session.execute(
        select(Account).where(accounts.c.login_index == login_index)
    ).scalar_one_or_none()


def account(uow: UnitOfWork, id: UUID) -> Account | None:
    return uow.session.get(Account, id)


def person_of(uow: UnitOfWork, owner: Account | Registration) -> Person:
    return Person.from_text(uow.reveal(owner.id, owner.person))


def latest_code(uow: UnitOfWork, owner: UUID) -> OneTimeCode | None:
    """The only one of this registration or login that counts, locked."""
    newest = select(OneTimeCode).where(codes.c.owner == owner).order_by(codes.c.sent_at.desc()).limit(1)
    return uow.session.execute(
        newest.with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()


def codes_since(uow: UnitOfWork, phone_index: bytes, purpose: Purpose, since: datetime) -> list[OneTimeCode]:
    """Oldest first. Others who send to this number wait until the transaction ends, so none is missed."""
    number = int.from_bytes(phone_index[:8], signed=True)
    uow.session.execute(select(func.pg_advisory_xact_lock(number)))
    sent = (
        select(OneTimeCode)
        .where(codes.c.phone_index == phone_index, codes.c.purpose == purpose, codes.c.sent_at > since)
        .order_by(codes.c.sent_at)
    )
    return list(uow.session.execute(sent).scalars())


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


def public_keys(uow: UnitOfWork) -> list[dict[str, str]]:
    """Newest first, as JWKs."""
    rows = select(signing_keys.c.public).order_by(signing_keys.c.made_at.desc())
    return list(uow.session.execute(rows).scalars())
