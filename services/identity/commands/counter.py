"""What a post office's clerk does with a registration, and how a person comes back to theirs."""

import secrets
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import audit
from chassis.auth import Principal
from chassis.db import new_id
from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands import codes
from services.identity.model import counter
from services.identity.model.counter import Deed, DeedName, Visit
from services.identity.model.person import Person
from services.identity.model.registration import Registration
from services.identity.model.rules import Rules
from services.identity.tables import counter_visits
from vocabulary.codes import registration_code

VISITED = ("awaiting-counter", "awaiting-code")


def expect(uow: UnitOfWork, registration: Registration) -> None:
    """Gives the registration a code for the counter."""
    uow.session.flush()
    while not _take_code(uow, registration.id, registration_code(secrets.randbelow(10**11))):
        pass


def _take_code(uow: UnitOfWork, registration: UUID, code: str) -> bool:
    """False when another registration has that code."""
    row = {
        "registration": registration,
        "code_index": index(uow, code),
        "code": uow.protect(registration, code),
        "tries": 0,
    }
    taken = (
        upsert(counter_visits).values(row).on_conflict_do_nothing().returning(counter_visits.c.registration)
    )
    return uow.session.execute(taken).first() is not None


def index(uow: UnitOfWork, code: str) -> bytes:
    return uow.index(f"registration code:{code}")


def of(uow: UnitOfWork, registration: Registration) -> tuple[Visit, str] | None:
    """The visit and its code; None when it is not by a counter, or over."""
    found = uow.session.get(Visit, registration.id)
    if found is None or registration.state == "finished":
        return None
    return found, uow.reveal(registration.id, found.code)


def come_back(uow: UnitOfWork, rules: Rules, code: str, phone: str) -> Registration | None:
    """By registration code and phone. Commit either way: each try counts, and there are few."""
    found = queries.visit(uow, index(uow, code))
    if found is None or found[1].tries >= rules.code_tries or found[0].state == "finished":
        return None
    registration, visit = found
    visit.tries += 1
    if queries.person_of(uow, registration).phone != phone:
        return None
    visit.tries = 0
    return registration


def look(uow: UnitOfWork, rules: Rules, clerk: Principal, code: str) -> tuple[Registration, Person] | None:
    """Who is to be compared with a card. Commit before it is shown: it is recorded, found or not.

    None when nothing with that code waits for a counter. TooMany after too many of those.
    """
    found = _waiting(uow, rules, clerk, code)
    if found is None:
        return None
    record(uow, clerk, "looked", found[0])
    return found[0], queries.person_of(uow, found[0])


def check(
    uow: UnitOfWork, rules: Rules, clerk: Principal, code: str, again: bool
) -> tuple[Registration, str] | None:
    """The card is the person's: digits for them to type at home, shown this once. None as `look`.

    Conflict `code-already-given` unless `again`, which ends the code before.
    """
    found = _waiting(uow, rules, clerk, code)
    if found is None:
        return None
    registration = found[0]
    if registration.state == "awaiting-counter":
        registration.move("card-checked")
    elif not again:
        raise counter.code_was_given()
    registration.expires_at = uow.now() + rules.counter_lifetime
    record(uow, clerk, "checked", registration)
    phone = queries.person_of(uow, registration).phone
    return registration, codes.hand_over(uow, registration.id, phone, registration.expires_at)


def refuse(uow: UnitOfWork, rules: Rules, clerk: Principal, code: str, reason: str) -> Registration | None:
    """None as `look`. Conflict when a code was given already."""
    found = _waiting(uow, rules, clerk, code)
    if found is None:
        return None
    registration, visit = found
    if registration.state != "awaiting-counter":
        raise counter.code_was_given()
    registration.move("card-refused")
    visit.refused_because = reason
    record(uow, clerk, "refused", registration, reason)
    return registration


def record(
    uow: UnitOfWork,
    clerk: Principal,
    deed: DeedName,
    registration: Registration | None = None,
    reason: str | None = None,
) -> None:
    """Here, by registration, and in the audit log, where a registration's id must not stand: it is a key."""
    id, about = new_id(), registration.id if registration else None
    uow.session.add(Deed(id, clerk.account, clerk.agency or "", deed, about, reason, uow.now()))
    details = {"reason": reason} if reason else {}
    audit.record(uow, audit.caller(), f"counter-{deed}", None, str(id), details)


def tell_who_looked(uow: UnitOfWork, registration: UUID, account: UUID) -> None:
    """Now that there is an account, its owner may see who looked at what they had filled in, and when."""
    for deed in queries.looks_at(uow, registration):
        by = audit.Actor("official", deed.clerk, deed.office)
        looked_at = {"looked_at": deed.at.isoformat()}
        audit.record(uow, by, audit.LOOK + "registration", account, str(deed.id), looked_at)


def _waiting(uow: UnitOfWork, rules: Rules, clerk: Principal, code: str) -> tuple[Registration, Visit] | None:
    """Only what waits for a counter, or for the code it gave; else the try is recorded and counts."""
    now = uow.now()
    counter.check_may_look(queries.missed_looks(uow, clerk.account, now - counter.DAY), now, rules)
    found = queries.visit(uow, index(uow, code))
    if found is None or found[0].state not in VISITED:
        record(uow, clerk, "not-found")
        return None
    return found
