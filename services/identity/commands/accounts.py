import json
from collections.abc import Sequence
from typing import Any, Literal, TypeVar, cast

from sqlalchemy.exc import IntegrityError

from chassis.db import new_id
from chassis.unit_of_work import UnitOfWork
from contracts.event import Sealed
from contracts.identity import AccountRegistered
from services.identity.model.account import Account
from services.identity.model.methods import Assurance
from services.identity.model.person import AccountKind, Person, tidy_login
from services.identity.model.registration import already_registered

E = TypeVar("E", bound=AccountRegistered)


def open(
    uow: UnitOfWork,
    kind: AccountKind,
    person: Person,
    password_hash: str,
    *,
    assurance: Assurance,
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
        assurance=assurance,
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
    """However the login was typed."""
    return uow.index(f"login:{tidy_login(login)}")


def as_told(uow: UnitOfWork, event: type[E], account: Account, person: Person) -> E:
    """An applicant's account as others hear of it: what is personal is sealed for who must know it."""
    return event(
        account=account.id,
        kind=cast(Literal["citizen", "business"], account.kind),
        assurance=account.assurance,
        language=account.language,
        contact=sealed_contact(uow, person),
        profile=uow.seal(json.dumps(profile_of(person), ensure_ascii=False), "dossier"),
        at=account.opened_at,
    )


def profile_of(person: Person) -> dict[str, Any]:
    """What forms are filled in with, and officials see. Of a business: its own name and number."""
    human = {
        "full_name": person.full_name,
        "id_number": person.id_number,
        "date_of_birth": person.date_of_birth and person.date_of_birth.isoformat(),
    }
    if person.organisation is None:
        return human | {"phone": person.phone}
    return {
        "full_name": person.organisation.name,
        "id_number": person.organisation.tax_code,
        "address": person.organisation.address,
        "phone": person.phone,
        "representative": human,
    }


def sealed_contact(uow: UnitOfWork, person: Person) -> Sealed:
    contact = {"phone": person.phone} | ({"email": person.email} if person.email else {})
    return uow.seal(json.dumps(contact), "notify")
