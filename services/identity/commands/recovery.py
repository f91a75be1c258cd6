"""A lost phone: who one is, proved anew; a new phone and password; and time for the owner to object."""

from uuid import UUID

from chassis import personal
from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands import coolings, registration
from services.identity.model.cooling import Cooling, check_may_recover, no_account
from services.identity.model.registration import Registration, no_such_registration
from services.identity.model.rules import Rules


def login_of(uow: UnitOfWork, id: UUID) -> str:
    """Whose password is to be set. Conflict unless they are proved."""
    return queries.person_of(uow, _proved(uow, id)).login


def begin(uow: UnitOfWork, rules: Rules, id: UUID, password_hash: str) -> Cooling:
    """The owner is told on all old channels; nothing changes before the time is over.

    Conflict as `check_may_recover`, and when a recovery waits already: roll back then.
    """
    proved = _proved(uow, id)
    found = queries.account_by_login(uow, proved.login_index)
    account = queries.open_account(uow, found.id) if found else None
    check_may_recover(account, proved)
    if account is None:
        raise no_account()
    phone = queries.person_of(uow, proved).phone
    made = coolings.begin(uow, rules, account, "recovery", phone, password_hash)
    proved.move("account-opened")
    proved.person = b""
    personal.erase(uow.session, id)
    return made


def _proved(uow: UnitOfWork, id: UUID) -> Registration:
    found = registration.started(uow, id)
    if found.purpose != "recovery":
        raise no_such_registration()
    found.check_confirmed()
    return found
