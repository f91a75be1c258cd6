"""Clients that sign who they are instead of sending a secret (RFC 7523, `private_key_jwt`)."""

import base64
import hashlib
import json
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from chassis.unit_of_work import UnitOfWork
from services.identity.adapters import jwks
from services.identity.model.assertion import LEEWAY, LONGEST, AssertionRefused, check_claims
from services.identity.model.client import Client
from services.identity.tables import client_assertions

NOBODY = "No such client that signed this."


def client_of(uow: UnitOfWork, assertion: str, client_id: str | None, audience: str) -> Client:
    """Who signed it, locked; it is used up. `client_id`, when it is sent beside, must be the same.

    AssertionRefused says what is wrong; before the signature is known to be good it says nothing.
    """
    client = _named(uow, assertion)
    claims = jwks.verified(assertion, client.keys)
    if claims is None or client.revoked_at or client_id not in (None, str(client.id)):
        raise AssertionRefused(NOBODY)
    ends = check_claims(claims, str(client.id), audience, uow.now())
    digest = hashlib.sha256(f"{client.id}:{claims['jti']}".encode("utf-8", "replace")).digest()
    row = {"digest": digest, "client": client.id, "expires_at": ends + LEEWAY + timedelta(seconds=1)}
    fresh = (
        insert(client_assertions).values(row).on_conflict_do_nothing().returning(client_assertions.c.digest)
    )
    if uow.session.execute(fresh).first() is None:
        raise AssertionRefused("jti was used before.")
    return client


def _named(uow: UnitOfWork, assertion: str) -> Client:
    """Whom the assertion names as its subject, not yet believed."""
    try:
        if len(assertion) > LONGEST:
            raise ValueError(len(assertion))
        part = assertion.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        client = uow.session.get(Client, UUID(said["sub"]), with_for_update=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError):
        raise AssertionRefused(NOBODY) from None
    if client is None:
        raise AssertionRefused(NOBODY)
    return client
