"""The password again, for what a session alone must not do."""

from uuid import UUID

from chassis.auth import principal
from chassis.web import ports, units_of_work
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import credentials
from services.identity.model.changes import wrong_password


def password_again(given: str) -> UUID:
    """Whose it is. Invalid at `/current_password`; TooMany: wrong ones are counted before they are looked at.

    That pauses such changes, never logging in: and the owner can log out everybody who has a session.
    """
    who, outside = principal().account, ports(IdentityPorts)
    units = units_of_work()
    with units() as uow:
        stored = credentials.count_password_again(uow, outside.rules, who)
    if not outside.passwords.match(stored, given):
        raise wrong_password()
    with units() as uow:
        credentials.password_was_right(uow, who)
    return who
