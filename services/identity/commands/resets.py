"""A forgotten password: who one is, a code to the phone, a new password."""

from contextlib import suppress
from typing import Literal
from uuid import UUID, uuid4

from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands import accounts, backoffs, codes, notices, sessions
from services.identity.model.account import Account
from services.identity.model.changes import PasswordReset, no_such_reset, reset_not_confirmed
from services.identity.model.person import Person, tidy_login
from services.identity.model.rules import Rules
from vocabulary.refusals import TooMany


def ask(
    uow: UnitOfWork, rules: Rules, login: str, full_name: str, born: str, language: Literal["vi", "en"]
) -> PasswordReset:
    """The same work, and the same row, whether there is such an account or not. `born`: ISO date."""
    now = uow.now()
    reset = PasswordReset(
        id=uuid4(),
        login_index=accounts.login_index(uow, login),
        claim=_claim(uow, tidy_login(login), full_name, born),
        language=language,
        asked_at=now,
        expires_at=now + rules.reset_lifetime,
    )
    uow.session.add(reset)
    return reset


def answer(uow: UnitOfWork, rules: Rules, limit: int) -> int:
    """A code to the phones of those who said who they are. Returns how many were answered.

    Who was wrong waits for a code that nobody has; and who has had too many gets none, and is not told:
    that would say that there is such an account.
    """
    asked = queries.unanswered_resets(uow, limit)
    for reset in asked:
        with suppress(TooMany):
            _answer(uow, rules, reset)
        reset.state = "answered"
    return len(asked)


def spend_a_try(uow: UnitOfWork, rules: Rules, id: UUID) -> None:
    """Commit this before `confirm`."""
    started(uow, id)
    codes.spend_a_try(uow, rules, id)


def confirm(uow: UnitOfWork, rules: Rules, id: UUID, digits: str) -> PasswordReset:
    """Invalid for a wrong code."""
    reset = started(uow, id)
    codes.redeem(uow, rules, id, digits)
    reset.state = "confirmed"
    return reset


def login_of(uow: UnitOfWork, id: UUID) -> str:
    """Whose password is to be set. Conflict unless the code was right."""
    return queries.person_of(uow, _confirmed(uow, id)).login


def finish(uow: UnitOfWork, id: UUID, password_hash: str) -> None:
    """Once. All sessions end and no device is known any more; a pause of the login is over."""
    account = _confirmed(uow, id)
    account.password_hash = password_hash
    sessions.end_all(uow, account.id, "password")
    sessions.forget_devices(uow, account.id)
    backoffs.clear(uow, account.login_index)
    uow.session.delete(started(uow, id))
    notices.tell(uow, account, "password-reset")


def started(uow: UnitOfWork, id: UUID) -> PasswordReset:
    """Locked. NotFound when it does not exist or has expired."""
    found = queries.password_reset(uow, id)
    if found is None:
        raise no_such_reset()
    return found


def _answer(uow: UnitOfWork, rules: Rules, reset: PasswordReset) -> None:
    account = queries.account_by_login(uow, reset.login_index)
    person = queries.person_of(uow, account) if account and account.kind == "citizen" else None
    if account and person and _claim_of(uow, person) == reset.claim:
        codes.send(uow, rules, "password", reset.id, person.phone, reset.language)
        reset.account = account.id
    else:
        codes.pretend(uow, rules, "password", reset.id, reset.login_index)


def _confirmed(uow: UnitOfWork, id: UUID) -> Account:
    reset = started(uow, id)
    if reset.state != "confirmed" or reset.account is None:
        raise reset_not_confirmed()
    account = queries.open_account(uow, reset.account)
    if account is None:
        raise no_such_reset()
    return account


def _claim_of(uow: UnitOfWork, person: Person) -> bytes:
    born = person.date_of_birth
    return _claim(uow, person.login, person.full_name, born.isoformat() if born else "")


def _claim(uow: UnitOfWork, login: str, full_name: str, born: str) -> bytes:
    return uow.index(f"reset:{login}|{full_name.casefold()}|{born}")
