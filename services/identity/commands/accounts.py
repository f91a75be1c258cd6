from collections.abc import Sequence
from typing import Literal

from sqlalchemy.exc import IntegrityError

from chassis.db import new_id
from chassis.unit_of_work import UnitOfWork
from services.identity.model.account import Account
from services.identity.model.person import AccountKind, Person
from services.identity.model.registration import already_registered


def open(
    uow: UnitOfWork,
    kind: AccountKind,
    person: Person,
    password_hash: str,
    language: Literal["vi", "en"] = "vi",
    agency: str | None = None,
    roles: Sequence[str] = (),
) -> Account:
    """Conflict `already-registered` when the login is taken; the transaction must then be rolled back."""
    id = new_id()
    account = Account(
        id=id,
        kind=kind,
        login_index=login_index(uow, person.login),
        person=uow.protect(id, person.as_text()),
        password_hash=password_hash,
        assurance="medium",
        language=language,
        opened_at=uow.now(),
        agency=agency,
        roles=list(roles),
    )
    uow.session.add(account)
    try:
        uow.session.flush()
    except IntegrityError:
        raise already_registered() from None
    return account


def login_index(uow: UnitOfWork, login: str) -> bytes:
    return uow.index(f"login:{login}")
