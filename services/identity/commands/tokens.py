"""Access tokens of our own services."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt

from chassis.unit_of_work import UnitOfWork
from services.identity.commands import keys
from services.identity.model.account import Account
from services.identity.model.client import Client
from services.identity.model.mandate import Mandate
from services.identity.model.session import LoginSession

AUDIENCE = "motcua"


def access_token(uow: UnitOfWork, account: Account, session: LoginSession, lifetime: timedelta) -> str:
    """It says nothing personal: who, of what kind, for which agency."""
    claims: dict[str, Any] = {"kind": account.kind, "acr": session.assurance, "sid": str(session.id)}
    if account.agency:
        claims |= {"agency": account.agency, "roles": account.roles}
    return _signed(uow, account.id, claims, lifetime)


def acting_token(
    uow: UnitOfWork,
    agent: Account,
    giver: Account,
    mandate: Mandate,
    session: LoginSession,
    lifetime: timedelta,
) -> str:
    """`sub` is acted for, `act.sub` acts (RFC 8693 §4.1). Worth no more than the session, nor than the
    giver is proved.
    """
    both = {session.assurance, giver.assurance}
    claims = {
        "kind": giver.kind,
        "acr": "high" if both == {"high"} else "medium",
        "sid": str(session.id),
        "act": {"sub": str(agent.id)},
        "mandate": {"id": str(mandate.id), "deeds": mandate.deeds, "procedures": mandate.procedures},
    }
    return _signed(uow, giver.id, claims, lifetime)


def client_token(uow: UnitOfWork, client: Client, scopes: Sequence[str], lifetime: timedelta) -> str:
    """For an agency's back office. Nobody proved who they are in person: `acr` is the lower one."""
    claims = {"kind": "agency", "acr": "medium", "agency": client.agency, "scope": " ".join(scopes)}
    return _signed(uow, client.id, claims, lifetime)


def _signed(uow: UnitOfWork, subject: UUID, said: Mapping[str, Any], lifetime: timedelta) -> str:
    """A JWT signed ES256."""
    key = keys.signing_key(uow)
    now = int(uow.now().timestamp())
    claims = {
        "iss": uow.settings.public_url,
        "aud": AUDIENCE,
        "sub": str(subject),
        **said,
        "iat": now,
        "exp": now + int(lifetime.total_seconds()),
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)
