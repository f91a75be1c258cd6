"""What the owner changes about their account, with the password again."""

from dataclasses import replace
from typing import Literal
from uuid import UUID, uuid4

from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountChanged
from services.identity import queries
from services.identity.commands import accounts, backoffs, codes, notices, sessions
from services.identity.model.account import Account
from services.identity.model.changes import PhoneChange, email_needed, no_such_change, same_phone
from services.identity.model.person import Person
from services.identity.model.rules import Rules
from services.identity.model.session import log_in_again


def count_password_again(uow: UnitOfWork, rules: Rules, id: UUID) -> str:
    """The hash that what is typed must match. Counted: commit it before you look. TooMany while paused."""
    account = owned(uow, id)
    backoffs.count(uow, rules, _again(uow, id))
    return account.password_hash


def password_was_right(uow: UnitOfWork, id: UUID) -> None:
    backoffs.clear(uow, _again(uow, id))


def change_password(uow: UnitOfWork, id: UUID, password_hash: str, session: UUID | None) -> None:
    """Every other session ends."""
    account = owned(uow, id)
    account.password_hash = password_hash
    sessions.end_all(uow, id, "password", but=session)
    notices.tell(uow, account, "password-changed")


def change_email(uow: UnitOfWork, id: UUID, email: str | None) -> None:
    """The old address is told too. Nothing happens when it is the same. Invalid: a business needs one."""
    account = owned(uow, id)
    before = queries.person_of(uow, account)
    if email is None and account.kind == "business":
        raise email_needed()
    if email != before.email:
        _become(uow, account, before, replace(before, email=email), "email-changed")


def new_phone(uow: UnitOfWork, id: UUID, phone: str) -> tuple[Account, Person]:
    """Who they would be with it. Invalid when it is the one they have."""
    account = owned(uow, id)
    person = queries.person_of(uow, account)
    if phone == person.phone:
        raise same_phone()
    return account, replace(person, phone=phone)


def begin_phone_change(
    uow: UnitOfWork, rules: Rules, id: UUID, phone: str, language: Literal["vi", "en"]
) -> PhoneChange:
    """A code goes to the new number. TooMany: see `codes.send`."""
    account = owned(uow, id)
    expires_at = uow.now() + rules.reset_lifetime
    change = PhoneChange(uuid4(), account.id, uow.protect(account.id, phone), expires_at)
    uow.session.add(change)
    codes.send(uow, rules, "phone", change.id, phone, language)
    return change


def send_phone_code_again(
    uow: UnitOfWork, rules: Rules, id: UUID, change: UUID, language: Literal["vi", "en"]
) -> PhoneChange:
    waiting = _waiting(uow, id, change)
    codes.send(uow, rules, "phone", change, uow.reveal(id, waiting.phone), language)
    return waiting


def spend_a_phone_try(uow: UnitOfWork, rules: Rules, id: UUID, change: UUID) -> None:
    """Commit this before `confirm_phone`."""
    _waiting(uow, id, change)
    codes.spend_a_try(uow, rules, change)


def confirm_phone(uow: UnitOfWork, rules: Rules, id: UUID, change: UUID, digits: str) -> None:
    """The old phone is told. Invalid for a wrong code."""
    account = owned(uow, id)
    waiting = _waiting(uow, id, change)
    codes.redeem(uow, rules, change, digits)
    before = queries.person_of(uow, account)
    phone = uow.reveal(id, waiting.phone)
    uow.session.delete(waiting)
    _become(uow, account, before, replace(before, phone=phone), "phone-changed")


def owned(uow: UnitOfWork, id: UUID) -> Account:
    """Locked. NotAuthenticated when it is closed: a token may outlive it by minutes."""
    account = queries.open_account(uow, id)
    if account is None:
        raise log_in_again()
    return account


def _become(uow: UnitOfWork, account: Account, before: Person, person: Person, notice: str) -> None:
    """The old channels are told first: subscribers hear what happened in this order."""
    account.person = uow.protect(account.id, person.as_text())
    notices.tell(uow, account, notice, person=before)
    if account.kind in ("citizen", "business"):
        uow.emit(accounts.as_told(uow, AccountChanged, account, person))


def _waiting(uow: UnitOfWork, account: UUID, id: UUID) -> PhoneChange:
    found = queries.phone_change(uow, account, id)
    if found is None:
        raise no_such_change()
    return found


def _again(uow: UnitOfWork, id: UUID) -> bytes:
    return uow.index(f"password again: {id}")
