"""Access tokens, and the keys that sign them."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import func, insert, select

from chassis import sealing
from chassis.unit_of_work import UnitOfWork
from contracts.event import Sealed
from services.identity.model.account import Account
from services.identity.model.client import Client
from services.identity.model.session import LoginSession
from services.identity.tables import signing_keys

AUDIENCE = "motcua"
SEALED_FOR = "identity signing keys"
MAKING_A_KEY = 7_201_101


def access_token(uow: UnitOfWork, account: Account, session: LoginSession, lifetime: timedelta) -> str:
    """It says nothing personal: who, of what kind, for which agency."""
    claims: dict[str, Any] = {"kind": account.kind, "acr": account.assurance, "sid": str(session.id)}
    if account.agency:
        claims |= {"agency": account.agency, "roles": account.roles}
    return _signed(uow, account.id, claims, lifetime)


def client_token(uow: UnitOfWork, client: Client, scopes: Sequence[str], lifetime: timedelta) -> str:
    """For an agency's back office. Nobody proved who they are in person: `acr` is the lower one."""
    claims = {"kind": "agency", "acr": "medium", "agency": client.agency, "scope": " ".join(scopes)}
    return _signed(uow, client.id, claims, lifetime)


def _signed(uow: UnitOfWork, subject: UUID, said: Mapping[str, Any], lifetime: timedelta) -> str:
    """A JWT signed ES256."""
    key = signing_key(uow)
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


def signing_key(uow: UnitOfWork) -> ECKey:
    """The newest; made on first need, by one process only."""
    sealed = _newest(uow)
    if sealed is None:
        uow.session.execute(select(func.pg_advisory_xact_lock(MAKING_A_KEY)))
        sealed = _newest(uow) or _make(uow)
    return ECKey.import_key(json.loads(sealing.unseal(uow.settings.master, SEALED_FOR, sealed)))


def _newest(uow: UnitOfWork) -> Sealed | None:
    newest = select(signing_keys).order_by(signing_keys.c.made_at.desc()).limit(1)
    row = uow.session.execute(newest).one_or_none()
    return Sealed(kid=row.master_kid, box=row.box) if row else None


def _make(uow: UnitOfWork) -> Sealed:
    key = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)
    sealed = sealing.seal(uow.settings.master, SEALED_FOR, json.dumps(key.as_dict(private=True)))
    row = {
        "kid": key.kid,
        "public": key.as_dict(private=False),
        "master_kid": sealed.kid,
        "box": sealed.box,
        "made_at": uow.now(),
    }
    uow.session.execute(insert(signing_keys).values(row))
    return sealed
