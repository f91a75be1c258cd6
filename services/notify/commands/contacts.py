import json

from sqlalchemy.dialects.postgresql import insert

from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountRegistered
from services.notify.tables import contacts


def keep(uow: UnitOfWork, event: AccountRegistered) -> None:
    """Remember, encrypted, where a new account's person is reached."""
    contact = json.loads(uow.unseal(event.contact))
    email = contact.get("email")
    values = {
        "language": event.language,
        "phone": uow.protect(event.account, contact["phone"]),
        "email": uow.protect(event.account, email) if email else None,
    }
    row = insert(contacts).values(person=event.account, **values)
    uow.session.execute(row.on_conflict_do_update(index_elements=[contacts.c.person], set_=values))
