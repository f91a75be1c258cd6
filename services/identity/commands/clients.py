"""Clients of the API that belong to an agency, and the tokens they get for their secret."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.identity.commands import tokens
from services.identity.model.client import Client, digest_of
from services.identity.tables import clients
from vocabulary.refusals import NotFound


def create(uow: UnitOfWork, agency: str, name: str) -> tuple[Client, str]:
    """The client, and its secret: 256 random bits, kept nowhere."""
    secret = secrets.token_urlsafe(32)
    client = Client(uuid4(), agency, name, digest_of(secret), uow.now())
    uow.session.add(client)
    uow.session.flush()
    return client, secret


def revoke(uow: UnitOfWork, id: UUID) -> Client:
    """No new token from now on; those given live out their minutes. Again: nothing changes."""
    client = uow.session.get(Client, id, with_for_update=True)
    if client is None:
        raise NotFound("no-such-client", f"Không có ứng dụng {id}.", f"There is no client {id}.")
    client.revoked_at = client.revoked_at or uow.now()
    return client


def listed(uow: UnitOfWork, agency: str | None) -> Sequence[Client]:
    """Oldest first; of one agency, or of all."""
    query = select(Client).order_by(clients.c.created_at, clients.c.id)
    return uow.session.scalars(query.where(clients.c.agency == agency) if agency else query).all()


def token(uow: UnitOfWork, id: str, secret: str, lifetime: timedelta) -> str | None:
    """An access token, or None when there is no such client with this secret that is not revoked."""
    try:
        client = uow.session.get(Client, UUID(id), with_for_update=True)
    except ValueError:
        return None
    if client is None or not client.admits(secret):
        return None
    client.last_used_at = uow.now()
    return tokens.client_token(uow, client, lifetime)
