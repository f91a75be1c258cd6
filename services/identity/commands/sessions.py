"""Sessions: a chain of refresh tokens, each good once, and a short-lived access token beside them."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands import mandates, tokens
from services.identity.model.account import Account
from services.identity.model.login import Device
from services.identity.model.methods import Assurance
from services.identity.model.rules import Rules
from services.identity.model.session import Ending, LoginSession, RefreshToken
from services.identity.tables import devices, logins


@dataclass(frozen=True)
class Granted:
    access_token: str
    refresh_token: str
    expires_in: int
    device: str


def open(
    uow: UnitOfWork,
    rules: Rules,
    account: Account,
    device: Device,
    browser: str | None = None,
    assurance: Assurance = "medium",
) -> Granted:
    now = uow.now()
    session = LoginSession(
        id=uuid4(),
        account=account.id,
        device=device.id,
        started_at=now,
        idle_until=now + rules.session_idle,
        expires_at=now + rules.session_lifetime,
        seen_at=now,
        browser=browser,
        assurance=assurance,
    )
    device.seen_at, device.expires_at = now, now + rules.device_lifetime
    uow.session.add(session)
    uow.session.flush()
    audit.record(uow, _self(account), "session-opened", account.id, str(session.id))
    return _grant(uow, rules, session, None)


def refresh(uow: UnitOfWork, rules: Rules, refresh_token: str) -> Granted | None:
    """None when it is not good, or not any more, or its owner was sent away meanwhile. Commit either way: a
    stolen token ends its family.
    """
    digest = digest_of(refresh_token)
    found = queries.session_of_token(uow, digest)
    if found is None:
        return None
    session, token = found
    was_ended = session.ended_at
    if not session.replace(token, queries.successor_used(uow, digest), uow.now(), rules):
        if session.ended_at != was_ended:
            audit.record(
                uow, audit.ITSELF, "session-ended", session.account, str(session.id), {"because": "reuse"}
            )
        return None
    account = uow.session.get_one(Account, session.account)
    if account.standing != "active":
        return None
    return _grant(uow, rules, session, digest)


def end(uow: UnitOfWork, account: UUID, id: UUID, because: Ending = "logout") -> LoginSession | None:
    """The whole family; None when the account has no such session. Ending twice is no error."""
    session = uow.session.get(LoginSession, id, with_for_update=True)
    if session is None or session.account != account:
        return None
    session.end(uow.now(), because)
    audit.record(uow, audit.caller(), "session-ended", account, str(id))
    return session


def end_all(uow: UnitOfWork, account: UUID, because: Ending, but: UUID | None = None) -> int:
    """Every session of the account that was not ended, but the one named. Returns how many."""
    others = [session for session in queries.sessions_to_end(uow, account) if session.id != but]
    for session in others:
        session.end(uow.now(), because)
    return len(others)


def forget_devices(uow: UnitOfWork, account: UUID, but: UUID | None = None) -> None:
    """Whoever logs in from them needs a code again. Logins that wait for one are over."""
    gone = delete(devices).where(devices.c.account == account)
    uow.session.execute(gone.where(devices.c.id != but) if but else gone)
    uow.session.execute(delete(logins).where(logins.c.account == account))


def new_device(uow: UnitOfWork, rules: Rules, account: UUID) -> Device:
    now, id = uow.now(), uuid4()
    digest = digest_of(device_token(uow, id))
    device = Device(id, account, digest, seen_at=now, expires_at=now + rules.device_lifetime)
    uow.session.add(device)
    return device


def device_token(uow: UnitOfWork, id: UUID) -> str:
    """Derived from a random id by a key that is not in the database, so that a refresh can give it again."""
    return _text(uow.index(f"device:{id}"))


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def access(uow: UnitOfWork, rules: Rules, session: LoginSession) -> tuple[str, timedelta]:
    """An access token and its life: it outlives neither its session nor the mandate it acts by."""
    now = uow.now()
    lifetime = min(rules.access_lifetime, session.expires_at - now)
    account = uow.session.get_one(Account, session.account)
    mandate = mandates.in_force(uow, session)
    if mandate is None:
        return tokens.access_token(uow, account, session, lifetime), lifetime
    giver = uow.session.get_one(Account, mandate.giver)
    lifetime = min(lifetime, mandate.expires_at - now)
    return tokens.acting_token(uow, account, giver, mandate, session, lifetime), lifetime


def _grant(uow: UnitOfWork, rules: Rules, session: LoginSession, parent: bytes | None) -> Granted:
    refresh_token = _text(secrets.token_bytes(32))
    uow.session.add(RefreshToken(digest_of(refresh_token), session.id, parent, uow.now()))
    token, lifetime = access(uow, rules, session)
    return Granted(
        access_token=token,
        refresh_token=refresh_token,
        expires_in=int(lifetime.total_seconds()),
        device=device_token(uow, session.device),
    )


def _self(account: Account) -> audit.Actor:
    return audit.Actor(account.kind, account.id, account.agency)


def _text(token: bytes) -> str:
    return urlsafe_b64encode(token).rstrip(b"=").decode()
