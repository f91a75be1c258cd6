"""What waits for its cooling-off time: begun, told of on every channel, stopped, done."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountChanged
from services.identity import queries
from services.identity.commands import accounts, backoffs, closing, notices, sessions
from services.identity.model import cooling
from services.identity.model.account import Account
from services.identity.model.cooling import Cooling, Purpose
from services.identity.model.rules import Rules

DONE = {"recovery": "recovery-done", "closing": "account-closed"}


def begin(
    uow: UnitOfWork,
    rules: Rules,
    account: Account,
    purpose: Purpose,
    phone: str | None = None,
    password_hash: str | None = None,
) -> Cooling:
    """Told at once, with a link that stops it. Conflict when one waits already; roll back then."""
    id = uuid4()
    made = cooling.begun(
        id, account.id, purpose, sessions.digest_of(_stop_code(uow, id)), uow.now(), rules.cooling_off
    )
    made.phone = uow.protect(account.id, phone) if phone else None
    made.password_hash = password_hash
    uow.session.add(made)
    try:
        uow.session.flush()
    except IntegrityError:
        raise cooling.already_waiting(purpose) from None
    _tell(uow, account, made, "started")
    return made


def stop(uow: UnitOfWork, found: Cooling | None) -> Purpose:
    """By its owner, or by who has the link. NotFound when nothing waits."""
    account = queries.open_account(uow, found.account) if found else None
    if found is None or account is None:
        raise cooling.nothing_to_stop()
    found.settle("stopped")
    notices.tell(uow, account, f"{found.purpose}-stopped")
    return found.purpose


def go_on(uow: UnitOfWork, id: UUID) -> bool:
    """The next step of one that is due: the half-way notice, or the end. False: somebody else did it."""
    found = queries.due_cooling(uow, id)
    account = queries.open_account(uow, found.account) if found else None
    if found is None or account is None:
        return False
    if found.step(uow.now()) == "halfway":
        _tell(uow, account, found, "halfway")
    elif found.purpose == "closing":
        found.settle("done")
        closing.close(uow, account)
    else:
        _recover(uow, account, found)
    return True


def digest_of_code(code: str) -> bytes:
    return sessions.digest_of(code)


def _recover(uow: UnitOfWork, account: Account, found: Cooling) -> None:
    """Phone and password are the new ones; nobody is logged in; the old channels are told."""
    before = queries.person_of(uow, account)
    assert found.phone is not None
    assert found.password_hash is not None
    person = replace(before, phone=uow.reveal(account.id, found.phone))
    account.person = uow.protect(account.id, person.as_text())
    account.password_hash = found.password_hash
    found.settle("done")
    sessions.end_all(uow, account.id, "recovery")
    sessions.forget_devices(uow, account.id)
    backoffs.clear(uow, account.login_index)
    notices.tell(uow, account, DONE["recovery"], person=before)
    uow.emit(accounts.as_told(uow, AccountChanged, account, person))


def _tell(uow: UnitOfWork, account: Account, made: Cooling, what: str) -> None:
    ends = {"ends_at": made.ends_at.isoformat()}
    notices.tell(uow, account, f"{made.purpose}-{what}", ends, secret=_stop_code(uow, made.id))


def _stop_code(uow: UnitOfWork, id: UUID) -> str:
    """Derived by a key that is not in the database, so that the second notice can say it again."""
    return urlsafe_b64encode(uow.index(f"stop cooling: {id}")).rstrip(b"=").decode()
