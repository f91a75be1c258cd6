"""From the form to an account: form, proof, password."""

import secrets
from datetime import timedelta
from typing import Literal
from uuid import UUID, uuid4

from chassis import audit, personal
from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountRegistered
from services.identity import queries
from services.identity.commands import accounts, codes, counter, proofs, ringing
from services.identity.model.account import Account
from services.identity.model.certificates import Evidence
from services.identity.model.cooling import check_may_recover
from services.identity.model.methods import Method
from services.identity.model.person import ApplicantKind, Person
from services.identity.model.registration import (
    Registration,
    already_registered,
    no_such_registration,
)
from services.identity.model.rules import Rules
from services.identity.model.signing import CHALLENGE_BYTES, Demand, new_challenge

Language = Literal["vi", "en"]
Purpose = Literal["account", "recovery"]


def begin(
    uow: UnitOfWork,
    rules: Rules,
    kind: ApplicantKind,
    method: Method,
    person: Person,
    language: Language,
    purpose: Purpose = "account",
) -> Registration:
    """The same for somebody who has an account: only who proves to be them is told so, by `confirm`."""
    id = uuid4()
    registration = Registration(
        id=id,
        kind=kind,
        method=method.id,
        login_index=accounts.login_index(uow, person.login),
        person=uow.protect(id, person.as_text()),
        language=language,
        started_at=uow.now(),
        expires_at=uow.now() + lifetime(method, rules),
        state=method.first_state,
        purpose=purpose,
    )
    uow.session.add(registration)
    if method.first_state == "awaiting-code":
        codes.send(uow, rules, registration.code_purpose, id, person.phone, language)
    elif method.first_state == "awaiting-counter":
        counter.expect(uow, registration)
    else:
        random = secrets.token_bytes(CHALLENGE_BYTES)
        registration.challenge = new_challenge("registration", random)
        if method.id == "sim-pki":
            ringing.begin(uow, rules, demand_of(registration, person))
    return registration


def lifetime(method: Method, rules: Rules) -> timedelta:
    """Who goes to a counter needs days, not minutes."""
    at_counter = method.first_state == "awaiting-counter"
    return rules.counter_lifetime if at_counter else rules.registration_lifetime


def send_code_again(uow: UnitOfWork, rules: Rules, id: UUID, language: Language) -> Registration:
    """Conflict unless one sent to the phone is waited for; TooMany when too soon or too often."""
    registration = started(uow, id)
    registration.check_awaits("awaiting-code")
    registration.check_gets_codes_by_phone()
    phone = queries.person_of(uow, registration).phone
    codes.send(uow, rules, registration.code_purpose, id, phone, language)
    return registration


def spend_a_try(uow: UnitOfWork, rules: Rules, id: UUID) -> None:
    """Commit this before `confirm`. Conflict when something else than a code is waited for."""
    registration = started(uow, id)
    if not registration.is_proved:
        registration.check_awaits("awaiting-code")
        codes.spend_a_try(uow, rules, id)


def confirm(uow: UnitOfWork, rules: Rules, id: UUID, digits: str) -> Registration:
    """Confirming twice is no error: a page may be sent twice.

    Invalid for a wrong code; Conflict `already-registered`, now that they are known.
    """
    registration = started(uow, id)
    if not registration.is_proved:
        codes.redeem(uow, rules, id, digits)
        check_is_new(uow, registration)
        registration.move("code-redeemed")
    return registration


def demand(uow: UnitOfWork, id: UUID) -> Demand:
    """What is to be signed, by whom. Conflict when no signature is waited for, or not any more."""
    registration = started(uow, id)
    registration.check_awaits("awaiting-signature")
    return demand_of(registration, queries.person_of(uow, registration))


def demand_of(registration: Registration, person: Person) -> Demand:
    assert registration.challenge is not None
    return Demand(
        owner=registration.id,
        purpose="registration",
        method=registration.method,
        challenge=registration.challenge,
        holder=registration.kind,
        number=person.holder_number or "",
        phone=person.phone,
        language=registration.language,
    )


def confirm_by_signature(uow: UnitOfWork, id: UUID, evidence: Evidence) -> Registration:
    """Once: the challenge is used up. Conflict `already-confirmed`, or `already-registered`."""
    registration = started(uow, id)
    registration.check_awaits("awaiting-signature")
    check_is_new(uow, registration)
    registration.evidence = uow.protect(id, evidence.as_text())
    registration.move("signature-verified")
    return registration


def check_is_new(uow: UnitOfWork, registration: Registration) -> None:
    """Only for who has proved to be them. Conflict `already-registered`; of a recovery the contrary: see
    `check_may_recover`."""
    account = queries.account_by_login(uow, registration.login_index)
    if registration.purpose == "recovery":
        check_may_recover(account, registration)
    elif account:
        raise already_registered()


def person_to_be(uow: UnitOfWork, id: UUID) -> Person:
    """Whose password is to be set. Conflict unless they are proved."""
    registration = started(uow, id)
    if registration.purpose != "account":
        raise no_such_registration()
    registration.check_confirmed()
    return queries.person_of(uow, registration)


def finish(uow: UnitOfWork, id: UUID, password_hash: str) -> tuple[Account, Person]:
    """Makes the account and announces it. Conflict `already-registered` for all but the first."""
    person = person_to_be(uow, id)
    registration = started(uow, id)
    account = accounts.open(
        uow,
        registration.kind,
        person,
        password_hash,
        assurance=registration.by.assurance,
        language=registration.language,
    )
    shown = uow.reveal(id, registration.evidence) if registration.evidence else None
    proofs.record(uow, account, registration.by, shown)
    counter.tell_who_looked(uow, id, account.id)
    registration.move("account-opened")
    registration.person, registration.evidence = b"", None
    personal.erase(uow.session, id)
    uow.emit(accounts.as_told(uow, AccountRegistered, account, person))
    who, proof = audit.Actor(account.kind, account.id), {"method": registration.method}
    audit.record(uow, who, "account-opened", account.id, details=proof)
    return account, person


def started(uow: UnitOfWork, id: UUID) -> Registration:
    """Locked. NotFound when it does not exist or has expired."""
    found = queries.registration(uow, id)
    if found is None:
        raise no_such_registration()
    return found
