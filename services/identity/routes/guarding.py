"""What routes count before they look whether an attempt is right."""

from chassis.unit_of_work import UnitOfWork
from services.identity.commands import backoffs, limits
from services.identity.model import limits as model
from services.identity.model.limits import Limit
from services.identity.model.rules import Rules
from services.identity.routes.caller import network


def count(uow: UnitOfWork, limit: Limit) -> None:
    """For the caller's address; commit it. TooMany."""
    limits.count(uow, limit, network(), model.too_often)


def forgive(uow: UnitOfWork, limit: Limit) -> None:
    """The attempt was right."""
    limits.give_back(uow, limit, network())


def count_registration(uow: UnitOfWork, rules: Rules, login: str) -> bytes:
    """Before a register is asked: from where, and for whom, so that nobody finds out another's data by trying
    from many addresses. The key is for `backoffs.clear`, once the register agrees. TooMany."""
    key = uow.index(f"registration:{login}")
    count(uow, model.address_registrations(rules))
    backoffs.count(uow, rules, key)
    return key
