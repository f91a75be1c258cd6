"""Giving, accepting and ending mandates, and acting by one."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands import accounts, notices
from services.identity.model import mandate as rules
from services.identity.model.account import Account
from services.identity.model.mandate import Mandate
from services.identity.model.person import tidy_login
from services.identity.model.session import LoginSession
from services.identity.queries import mandates as found

APPLICANTS = ("citizen", "business")


def give(
    uow: UnitOfWork,
    giver: UUID,
    to: str,
    deeds: Iterable[str],
    procedures: Iterable[str] | None,
    expires_at: datetime,
) -> Mandate:
    """The same answer whether or not somebody has the login `to`: it is offered to whoever has it."""
    now, index = uow.now(), accounts.login_index(uow, tidy_login(to))
    wanted, covered = rules.parse_deeds(deeds), rules.parse_procedures(procedures)
    rules.check_time(expires_at, now)
    rules.check_room(found.open_mandates(uow, giver))
    if index == uow.session.get_one(Account, giver).login_index:
        raise rules.not_oneself()
    made = Mandate(uuid4(), giver, index, wanted, covered, now, expires_at)
    uow.session.add(made)
    audit.record(uow, audit.caller(), "mandate-given", giver, str(made.id))
    agent = queries.account_by_login(uow, index)
    if agent and agent.kind in APPLICANTS:
        notices.tell(uow, agent, "mandate-offered")
    return made


def accept(uow: UnitOfWork, me: UUID, id: UUID) -> Mandate:
    """By whom it was offered to. NotFound for anybody else, Conflict once it has ended."""
    mandate, agent = _mandate(uow, id), uow.session.get_one(Account, me)
    if mandate.agent_index != agent.login_index:
        raise rules.no_such_mandate()
    if mandate.accepted_at is None:
        mandate.accept(me, uow.now())
        audit.record(uow, audit.caller(), "mandate-accepted", mandate.giver, str(id))
        notices.tell(uow, uow.session.get_one(Account, mandate.giver), "mandate-accepted")
    mandate.check_active(uow.now())
    return mandate


def end(uow: UnitOfWork, me: UUID, id: UUID) -> None:
    """By the giver or the agent; both are told. What is acted by it works until the access token ends."""
    mandate, account = _mandate(uow, id), uow.session.get_one(Account, me)
    if me != mandate.giver and mandate.agent_index != account.login_index:
        raise rules.no_such_mandate()
    if mandate.state(uow.now()) == "ended":
        return
    accepted = mandate.state(uow.now()) == "active"
    mandate.end(me, uow.now())
    audit.record(uow, audit.caller(), "mandate-ended", mandate.giver, str(id))
    told = [mandate.giver, *([mandate.agent] if accepted and mandate.agent else [])]
    for id_told in told:
        notices.tell(uow, uow.session.get_one(Account, id_told), "mandate-ended")


def act(uow: UnitOfWork, session: UUID, me: UUID, id: UUID) -> LoginSession:
    """From now on the session's access tokens act by this mandate. The giver is told."""
    mandate = _mandate(uow, id)
    if mandate.agent != me:
        raise rules.no_such_mandate()
    mandate.check_active(uow.now())
    current = uow.session.get_one(LoginSession, session, with_for_update=True)
    if current.mandate != id:
        current.mandate = id
        audit.record(uow, audit.caller(), "mandate-used", mandate.giver, str(id))
        notices.tell(uow, uow.session.get_one(Account, mandate.giver), "mandate-used")
    return current


def stop(uow: UnitOfWork, session: UUID) -> LoginSession:
    current = uow.session.get_one(LoginSession, session, with_for_update=True)
    current.mandate = None
    return current


def in_force(uow: UnitOfWork, session: LoginSession) -> Mandate | None:
    """What the session acts by; one that has ended meanwhile, or whose giver is gone, is let go of."""
    if session.mandate is None:
        return None
    mandate = uow.session.get(Mandate, session.mandate)
    giver = mandate and uow.session.get(Account, mandate.giver)
    if mandate and giver and giver.standing == "active" and mandate.state(uow.now()) == "active":
        return mandate
    session.mandate = None
    return None


def _mandate(uow: UnitOfWork, id: UUID) -> Mandate:
    mandate = found.mandate(uow, id)
    if mandate is None:
        raise rules.no_such_mandate()
    return mandate
