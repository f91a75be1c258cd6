"""From medium to high without a new account: whose session it is signs with a certificate of their number."""

import secrets
from typing import Literal
from uuid import UUID, uuid4

from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountChanged
from services.identity import queries
from services.identity.commands import accounts, proofs, ringing
from services.identity.model.account import Account
from services.identity.model.certificates import Evidence, Holder
from services.identity.model.methods import METHODS, check_signs
from services.identity.model.rules import Rules
from services.identity.model.session import log_in_again
from services.identity.model.signing import (
    CHALLENGE_BYTES,
    Demand,
    StepUp,
    new_challenge,
    no_such_step_up,
)

Language = Literal["vi", "en"]


def begin(uow: UnitOfWork, rules: Rules, session: UUID, method: str, language: Language) -> StepUp:
    """Invalid at `/method` for one that is no signature; NotAuthenticated when the session is over."""
    found = queries.open_session(uow, session)
    if found is None:
        raise log_in_again()
    account = uow.session.get_one(Account, found.account)
    check_signs(account.kind, method)
    now, random = uow.now(), secrets.token_bytes(CHALLENGE_BYTES)
    made = StepUp(
        id=uuid4(),
        account=account.id,
        session=session,
        method=method,
        challenge=new_challenge("step-up", random),
        started_at=now,
        expires_at=now + rules.login_lifetime,
    )
    uow.session.add(made)
    uow.session.flush()
    if method == "sim-pki":
        ringing.begin(uow, rules, demand_of(uow, made, account, language))
    return made


def demand(uow: UnitOfWork, id: UUID, session: UUID, language: Language) -> Demand:
    """What is to be signed, by whom. NotFound; Conflict `already-confirmed`."""
    found = started(uow, id, session)
    found.check_open(uow.now())
    return demand_of(uow, found, uow.session.get_one(Account, found.account), language)


def demand_of(uow: UnitOfWork, step_up: StepUp, account: Account, language: Language) -> Demand:
    person = queries.person_of(uow, account)
    holder: Holder = "business" if account.kind == "business" else "citizen"
    number = person.holder_number or ""
    return Demand(
        step_up.id, "step-up", step_up.method, step_up.challenge, holder, number, person.phone, language
    )


def started(uow: UnitOfWork, id: UUID, session: UUID) -> StepUp:
    """Locked. NotFound for another session's too."""
    found = queries.step_up(uow, id, session)
    if found is None:
        raise no_such_step_up()
    return found


def confirm(uow: UnitOfWork, id: UUID, session: UUID, evidence: Evidence) -> StepUp:
    """The session is high from now on, in the access tokens that it gets; the proof is kept.

    Conflict `already-confirmed`; NotAuthenticated when the session ended meanwhile.
    """
    found = started(uow, id, session)
    found.check_open(uow.now())
    raised = queries.open_session(uow, session)
    if raised is None:
        raise log_in_again()
    found.confirmed_at, raised.assurance = uow.now(), "high"
    _keep(uow, uow.session.get_one(Account, found.account), found.method, evidence)
    return found


def _keep(uow: UnitOfWork, account: Account, method: str, evidence: Evidence) -> None:
    before = account.assurance
    proofs.record(uow, account, METHODS[method], evidence.as_text())
    if account.assurance != before:
        uow.emit(accounts.as_told(uow, AccountChanged, account, queries.person_of(uow, account)))
