"""Logging in by a provider above us: into the account with that ID number, or on to registering."""

import hmac
from base64 import urlsafe_b64encode
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import delete

from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands import accounts, notices, proofs, registration, sessions
from services.identity.model.account import Account
from services.identity.model.methods import Method
from services.identity.model.person import Person
from services.identity.model.registration import Registration
from services.identity.model.rules import Rules
from services.identity.model.upstream import Flow, UpstreamLogin, no_such_upstream_login, not_believed
from services.identity.tables import upstream_logins


def begin(uow: UnitOfWork, rules: Rules) -> tuple[UUID, Flow]:
    made = UpstreamLogin(uuid4(), uow.now() + rules.login_lifetime)
    uow.session.add(made)
    return made.id, _flow(uow, made.id)


def come_back(uow: UnitOfWork, id: UUID, state: str) -> Flow:
    """Once: commit this before anybody is asked. NotFound when it is gone, Invalid for another's answer."""
    taken = delete(upstream_logins).where(
        upstream_logins.c.id == id, upstream_logins.c.expires_at > uow.now()
    )
    if uow.session.execute(taken.returning(upstream_logins.c.id)).one_or_none() is None:
        raise no_such_upstream_login()
    flow = _flow(uow, id)
    if not hmac.compare_digest(flow.state.encode(), state.encode()):
        raise not_believed()
    return flow


def finish(
    uow: UnitOfWork,
    rules: Rules,
    person: Person,
    method: Method,
    language: Literal["vi", "en"],
    device_token: str | None,
    browser: str | None,
) -> sessions.Granted | Registration:
    """A session of the account with this ID number; without one, a registration that holds what is known
    and waits for the code sent to the phone."""
    account = queries.account_by_login(uow, accounts.login_index(uow, person.login))
    if account is None:
        return registration.begin(uow, rules, "citizen", method, person, language)
    if account.standing != "active":
        raise not_believed()
    _note_proof(uow, account, method)
    known = queries.known_device(uow, account.id, sessions.digest_of(device_token or ""))
    if known is None:
        notices.tell(uow, account, "new-login", {"browser": browser})
    device = known or sessions.new_device(uow, rules, account.id)
    return sessions.open(uow, rules, account, device, browser, method.assurance)


def _note_proof(uow: UnitOfWork, account: Account, method: Method) -> None:
    """That this provider knows them proves whose account it is, once."""
    if all(proof.method != method.id for proof in queries.proofs_of(uow, account.id)):
        proofs.record(uow, account, method)


def _flow(uow: UnitOfWork, id: UUID) -> Flow:
    """Derived by a key that is not in the database: nothing secret is stored for it."""

    def secret(name: str) -> str:
        return urlsafe_b64encode(uow.index(f"upstream {name}:{id}")).rstrip(b"=").decode()

    return Flow(secret("state"), secret("nonce"), secret("verifier"))
