"""Having a phone's SIM sign: the operators' service is asked, and asked again whenever somebody looks."""

from uuid import UUID, uuid4

from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.model.rules import Rules
from services.identity.model.signing import (
    DAY,
    Demand,
    MobileRequest,
    check_rings,
    still_rings,
)


def begin(uow: UnitOfWork, rules: Rules, demand: Demand) -> MobileRequest:
    """A new ringing; the one before counts no more. TooMany `signing-limit`."""
    now, phone = uow.now(), uow.index(f"phone:{demand.phone}")
    check_rings(queries.requests_since(uow, phone, demand.purpose, now - DAY), now, rules)
    made = MobileRequest(uuid4(), demand.owner, demand.purpose, phone, now, now + DAY)
    uow.session.add(made)
    return made


def again(uow: UnitOfWork, rules: Rules, demand: Demand) -> MobileRequest:
    """Conflict `signing-waits` unless the last one is over."""
    before = queries.latest_request(uow, demand.owner)
    if before and before.ended is None:
        raise still_rings()
    return begin(uow, rules, demand)


def claim(uow: UnitOfWork, owner: UUID) -> MobileRequest | None:
    """The request to ask the service about, or None: it is over, or somebody asked a moment ago."""
    found = queries.latest_request(uow, owner)
    return found if found and found.claim(uow.now()) else None


def note(uow: UnitOfWork, id: UUID, transaction: str, ended: str | None) -> None:
    """What was heard. What is over stays as it ended."""
    found = uow.session.get_one(MobileRequest, id, with_for_update=True)
    if found.ended is None:
        found.transaction = transaction or found.transaction
        found.ended = ended


def ended(uow: UnitOfWork, owner: UUID) -> str | None:
    """Why the newest is over; None: it rings, or never did."""
    found = queries.latest_request(uow, owner)
    return found.ended if found else None
