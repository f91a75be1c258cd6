"""An agency's officials: their roles, and how they are kept out. For its administrators, as they are now."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.model import official as rules
from services.identity.model.account import Account
from services.identity.tables import logins


def administrators_with(uow: UnitOfWork, by: UUID, agency: str | None) -> Sequence[Account]:
    """All of the agency, locked. Forbidden unless `by` is one of them now: a token is older than that."""
    found = queries.administrators(uow, agency or "")
    if by not in [account.id for account in found]:
        raise rules.not_administrator()
    return found


def shown(uow: UnitOfWork, by: UUID, agency: str, id: UUID) -> Account:
    """NotFound when it is none of the agency's, or removed."""
    administrators_with(uow, by, agency)
    official = _official(uow, agency, id)
    if official.standing == "removed":
        raise rules.no_such_official()
    return official


def change_roles(uow: UnitOfWork, by: UUID, agency: str, id: UUID, roles: Iterable[str]) -> Account:
    """From their next access token on. Invalid for no role, Conflict for the last administrator's own."""
    administrators = administrators_with(uow, by, agency)
    official = _official(uow, agency, id)
    rules.check_not_removed(official)
    wanted = rules.parse_roles(roles)
    if rules.ADMINISTRATOR not in wanted:
        rules.check_another_stays(administrators, official)
    official.roles = wanted
    audit.record(uow, audit.caller(), "official-roles-changed", id, details={"roles": " ".join(wanted)})
    return official


def suspend(uow: UnitOfWork, by: UUID, agency: str, id: UUID) -> Account:
    """Cannot log in, and their sessions end; access tokens given live out ACCESS_LIFETIME."""
    administrators = administrators_with(uow, by, agency)
    official = _official(uow, agency, id)
    rules.check_not_removed(official)
    rules.check_another_stays(administrators, official)
    official.standing = "suspended"
    audit.record(uow, audit.caller(), "official-suspended", id)
    _send_away(uow, official, "suspended")
    return official


def resume(uow: UnitOfWork, by: UUID, agency: str, id: UUID) -> Account:
    """With the password and roles they had. Again: nothing changes."""
    administrators_with(uow, by, agency)
    official = _official(uow, agency, id)
    rules.check_not_removed(official)
    official.standing = "active"
    audit.record(uow, audit.caller(), "official-resumed", id)
    return official


def remove(uow: UnitOfWork, by: UUID, agency: str, id: UUID) -> None:
    """For good. Name and login stay with the decisions they took; again: nothing changes."""
    administrators = administrators_with(uow, by, agency)
    official = _official(uow, agency, id)
    rules.check_another_stays(administrators, official)
    official.standing, official.roles = "removed", []
    audit.record(uow, audit.caller(), "official-removed", id)
    _send_away(uow, official, "removed")


def _official(uow: UnitOfWork, agency: str, id: UUID) -> Account:
    found = queries.official(uow, agency, id)
    if found is None:
        raise rules.no_such_official()
    return found


def _send_away(uow: UnitOfWork, official: Account, because: str) -> None:
    queries.end_sessions(uow, official.id, because)
    uow.session.execute(delete(logins).where(logins.c.account == official.id))
