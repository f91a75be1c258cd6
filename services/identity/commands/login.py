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

NOBODY = UUID(int=0)
UNKNOWN = "unknown"
"""A network that is not known, which is nobody's alone."""


@dataclass(frozen=True)
class Attempt:
    """What a login rests on until its password is checked. No account: nobody has that login."""

    backoffs: tuple[bytes, ...]
    account: Account | None
    device: Device | None

    @property
    def password_hash(self) -> str | None:
        return self.account.password_hash if self.account else None


def attempt(
    uow: UnitOfWork, rules: Rules, login: str, device_token: str | None, network: str = UNKNOWN
) -> Attempt:
    """Counts the attempt; commit it before the password is looked at. TooMany while paused.

    What counts it is as near to the caller as can be, so that a stranger's guesses pause the stranger: the
    known device alone; else the login from this network; and, unless the account's devices are known to
    come from it, the login from everywhere. `network`: see `routes.caller`.
    """
    index = accounts.login_index(uow, login)
    account = queries.account_by_login(uow, index)
    whose, here = account.id if account else NOBODY, network_index(uow, network)
    device = queries.known_device(uow, whose, sessions.digest_of(device_token or ""))
    familiar = queries.is_familiar(uow, whose, here)
    if device:
        counted = [(uow.index(f"known device:{device.id}"), rules.login_free_failures)]
    else:
        counted = [(uow.index(f"from {here.hex()}: {index.hex()}"), rules.login_free_failures)]
        counted += [] if familiar else [(index, rules.login_free_failures_everywhere)]
    for key, free in counted:
        backoffs.count(uow, rules, key, free)
    return Attempt(tuple(key for key, _ in counted), account, device)


def network_index(uow: UnitOfWork, network: str) -> bytes:
    return uow.index(f"network:{network}")


def finish(
    uow: UnitOfWork,
    rules: Rules,
    passwords: Passwords,
    tried: Attempt,
    password: str,
    language: Literal["vi", "en"],
    browser: str | None = None,
    network: str = UNKNOWN,
) -> sessions.Granted | Login:
    """The password was right: a session on a known device, else a login that waits for a code.

    TooMany when the number had a code just now, or all of a day's.
    """
    account = _admitted(uow, passwords, tried, password)
    if tried.device:
        return sessions.open(
            uow, rules, account, _seen_here(uow, uow.session.merge(tried.device), network), browser
        )
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
    uow: UnitOfWork,
    rules: Rules,
    id: UUID,
    digits: str,
    browser: str | None = None,
    network: str = UNKNOWN,
) -> sessions.Granted:
    """Once: the login is gone afterwards. Invalid for a wrong code. The owner is told of a further device."""
    login = _waiting(uow, id)
    codes.redeem(uow, rules, id, digits)
    account = uow.session.get_one(Account, login.account)
    if account.standing != "active":
        raise no_such_login()
    uow.session.delete(login)
    if queries.has_devices(uow, account.id):
        notices.tell(uow, account, "new-login", {"browser": browser})
    device = _seen_here(uow, sessions.new_device(uow, rules, account.id), network)
    return sessions.open(uow, rules, account, device, browser)


def _seen_here(uow: UnitOfWork, device: Device, network: str) -> Device:
    device.network = network_index(uow, network)
    return device


def _admitted(uow: UnitOfWork, passwords: Passwords, tried: Attempt, password: str) -> Account:
    """The account as it is now: what changed while the password was looked at stays changed."""
    assert tried.account is not None
    account = uow.session.get_one(Account, tried.account.id)
    if account.standing != "active":
        raise login_failed()
    if passwords.outdated(account.password_hash):
        account.password_hash = passwords.hash(password)
    for key in tried.backoffs:
        backoffs.clear(uow, key)
    return account


def _waiting(uow: UnitOfWork, id: UUID) -> Login:
    found = queries.login(uow, id)
    if found is None:
        raise no_such_login()
    return found
