"""Logging in: password, then a code on a device not seen before."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4

from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.adapters.passwords import Passwords
from services.identity.commands import accounts, backoffs, codes, notices, sessions
from services.identity.model.account import Account
from services.identity.model.login import Device, Login, login_failed, no_such_login
from services.identity.model.rules import Rules


@dataclass(frozen=True)
class Attempt:
    """What a login rests on until its password is checked. No account: nobody has that login."""

    backoff: bytes
    account: Account | None
    device: Device | None

    @property
    def password_hash(self) -> str | None:
        return self.account.password_hash if self.account else None


def attempt(uow: UnitOfWork, rules: Rules, login: str, device_token: str | None) -> Attempt:
    """Counts the attempt; commit it before the password is looked at. TooMany while paused."""
    index = accounts.login_index(uow, login)
    account = queries.account_by_login(uow, index)
    digest = sessions.digest_of(device_token or "")
    device = queries.known_device(uow, account.id, digest) if account else None
    key = uow.index(f"known device:{device.id}") if device else index
    backoffs.count(uow, rules, key)
    return Attempt(key, account, device)


def finish(
    uow: UnitOfWork,
    rules: Rules,
    passwords: Passwords,
    tried: Attempt,
    password: str,
    language: Literal["vi", "en"],
) -> sessions.Granted | Login:
    """The password was right: a session on a known device, else a login that waits for a code.

    TooMany when the number had a code just now, or all of a day's.
    """
    account = _admitted(uow, passwords, tried, password)
    if tried.device:
        return sessions.open(uow, rules, account, uow.session.merge(tried.device))
    now = uow.now()
    login = Login(uuid4(), account.id, started_at=now, expires_at=now + rules.login_lifetime)
    uow.session.add(login)
    codes.send(uow, rules, "login", login.id, queries.person_of(uow, account).phone, language)
    return login


def spend_a_try(uow: UnitOfWork, rules: Rules, id: UUID) -> None:
    """Commit this before `confirm`."""
    _waiting(uow, id)
    codes.spend_a_try(uow, rules, id)


def confirm(
    uow: UnitOfWork, rules: Rules, id: UUID, digits: str, browser: str | None = None
) -> sessions.Granted:
    """Once: the login is gone afterwards. Invalid for a wrong code. The owner is told of the new device."""
    login = _waiting(uow, id)
    codes.redeem(uow, rules, id, digits)
    account = uow.session.get_one(Account, login.account)
    if account.standing != "active":
        raise no_such_login()
    uow.session.delete(login)
    notices.tell(uow, account, "new-login", {"browser": browser})
    return sessions.open(uow, rules, account, sessions.new_device(uow, rules, account.id))


def _admitted(uow: UnitOfWork, passwords: Passwords, tried: Attempt, password: str) -> Account:
    """The account as it is now: what changed while the password was looked at stays changed."""
    assert tried.account is not None
    account = uow.session.get_one(Account, tried.account.id)
    if account.standing != "active":
        raise login_failed()
    if passwords.outdated(account.password_hash):
        account.password_hash = passwords.hash(password)
    backoffs.clear(uow, tried.backoff)
    return account


def _waiting(uow: UnitOfWork, id: UUID) -> Login:
    found = queries.login(uow, id)
    if found is None:
        raise no_such_login()
    return found
