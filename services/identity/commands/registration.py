"""From the form to an account: form, code, password."""

from datetime import timedelta
from typing import Literal
from uuid import UUID, uuid4

from chassis import personal
from chassis.http import Away
from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountRegistered
from services.identity import queries
from services.identity.adapters.sim_register import SimRegister
from services.identity.commands import accounts, codes
from services.identity.model.account import Account
from services.identity.model.person import Person
from services.identity.model.registration import (
    Registration,
    already_registered,
    no_such_registration,
    not_confirmed_by_register,
)
from services.identity.model.rules import Rules
from vocabulary.refusals import Unavailable

ASK_AGAIN = timedelta(seconds=30)


def check_with_register(register: SimRegister, person: Person) -> None:
    """May take seconds. Invalid `register-mismatch`, Unavailable `register-away`."""
    try:
        matches = register.holds(person)
    except Away:
        raise Unavailable(
            "register-away",
            "Chưa hỏi được nhà mạng để đối chiếu thông tin. Hãy thử lại sau ít phút.",
            "The mobile operator cannot be asked just now. Try again in a few minutes.",
            ASK_AGAIN,
        ) from None
    if not matches:
        raise not_confirmed_by_register()


def begin(uow: UnitOfWork, rules: Rules, person: Person, language: Literal["vi", "en"]) -> Registration:
    """The same for a person who has an account: only the phone's holder is told so, by `confirm`."""
    now, id = uow.now(), uuid4()
    registration = Registration(
        id=id,
        kind="citizen",
        method="phone",
        login_index=accounts.login_index(uow, person.login),
        person=uow.protect(id, person.as_text()),
        language=language,
        started_at=now,
        expires_at=now + rules.registration_lifetime,
    )
    uow.session.add(registration)
    codes.send(uow, rules, "registration", id, person.phone, language)
    return registration


def send_code_again(uow: UnitOfWork, rules: Rules, id: UUID, language: Literal["vi", "en"]) -> Registration:
    """Conflict when the phone is confirmed already; TooMany when too soon or too often."""
    registration = started(uow, id)
    registration.check_waits_for_code()
    phone = queries.person_of(uow, registration).phone
    codes.send(uow, rules, "registration", id, phone, language)
    return registration


def spend_a_try(uow: UnitOfWork, rules: Rules, id: UUID) -> None:
    """Commit this before `confirm`."""
    if started(uow, id).state == "awaiting-code":
        codes.spend_a_try(uow, rules, id)


def confirm(uow: UnitOfWork, rules: Rules, id: UUID, digits: str) -> Registration:
    """Confirming twice is no error: a page may be sent twice.

    Invalid for a wrong code; Conflict `already-registered`, now that the phone's holder is known.
    """
    registration = started(uow, id)
    if registration.state == "awaiting-code":
        codes.redeem(uow, rules, id, digits)
        if queries.account_by_login(uow, registration.login_index):
            raise already_registered()
        registration.state = "confirmed"
    return registration


def person_to_be(uow: UnitOfWork, id: UUID) -> Person:
    """Whose password is to be set. Conflict unless the phone is confirmed."""
    registration = started(uow, id)
    registration.check_confirmed()
    return queries.person_of(uow, registration)


def finish(uow: UnitOfWork, id: UUID, password_hash: str) -> tuple[Account, Person]:
    """Makes the account and announces it. Conflict `already-registered` for all but the first."""
    person = person_to_be(uow, id)
    registration = started(uow, id)
    account = accounts.open(uow, "citizen", person, password_hash, registration.language)
    registration.state = "finished"
    registration.person = b""
    personal.erase(uow.session, id)
    uow.emit(accounts.as_told(uow, AccountRegistered, account, person))
    return account, person


def started(uow: UnitOfWork, id: UUID) -> Registration:
    """Locked. NotFound when it does not exist or has expired."""
    found = queries.registration(uow, id)
    if found is None:
        raise no_such_registration()
    return found
