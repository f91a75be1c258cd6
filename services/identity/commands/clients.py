"""Clients of the API that belong to an agency, and the tokens they get for their secret or signature."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from services.identity.adapters.jwks import parse_keys
from services.identity.commands import tokens
from services.identity.model.client import SCOPE, Client, digest_of, parse_scopes
from services.identity.tables import clients
from vocabulary.refusals import Conflict, NotFound


def create(uow: UnitOfWork, agency: str, name: str, scopes: Sequence[str] = (SCOPE,)) -> tuple[Client, str]:
    """The client, and its secret: 256 random bits, kept nowhere."""
    secret = secrets.token_urlsafe(32)
    client = Client(uuid4(), agency, name, digest_of(secret), uow.now(), scopes=parse_scopes(scopes))
    uow.session.add(client)
    uow.session.flush()
    _record(uow, "client-made", client)
    return client, secret


def create_with_keys(
    uow: UnitOfWork,
    agency: str,
    name: str,
    keys: Sequence[Mapping[str, Any]],
    scopes: Sequence[str] = (SCOPE,),
) -> Client:
    """One that signs with the other half of one of `keys`, and has no secret. Invalid `keys`."""
    known = parse_keys(keys)
    client = Client(uuid4(), agency, name, None, uow.now(), keys=known, scopes=parse_scopes(scopes))
    uow.session.add(client)
    uow.session.flush()
    _record(uow, "client-made", client)
    return client


def change_keys(
    uow: UnitOfWork, id: UUID, keys: Sequence[Mapping[str, Any]], agency: str | None = None
) -> Client:
    """All its keys anew: the old beside the new while they change, then the new alone. A secret it had is
    no longer good. NotFound when it is not the agency's; Conflict once it is revoked.
    """
    client = _client(uow, id, agency)
    if client.revoked_at:
        raise Conflict("client-revoked", "Ứng dụng này đã bị thu hồi.", "This client was revoked.")
    client.keys, client.digest = parse_keys(keys), None
    _record(uow, "client-keys-changed", client)
    return client


def revoke(uow: UnitOfWork, id: UUID, agency: str | None = None) -> Client:
    """No new token from now on; those given live out their minutes. Again: nothing changes.

    NotFound when there is none, or it is not the agency's.
    """
    client = _client(uow, id, agency)
    if client.revoked_at is None:
        client.revoked_at = uow.now()
        _record(uow, "client-revoked", client)
    return client


def listed(uow: UnitOfWork, agency: str | None) -> Sequence[Client]:
    """Oldest first; of one agency, or of all."""
    query = select(Client).order_by(clients.c.created_at, clients.c.id)
    return uow.session.scalars(query.where(clients.c.agency == agency) if agency else query).all()


def with_secret(uow: UnitOfWork, id: str, secret: str) -> Client | None:
    """The client, locked, or None when there is none with this secret that is not revoked."""
    try:
        client = uow.session.get(Client, UUID(id), with_for_update=True)
    except ValueError:
        return None
    return client if client and client.admits(secret) else None


def token(uow: UnitOfWork, client: Client, scopes: Sequence[str], lifetime: timedelta) -> str:
    client.last_used_at = uow.now()
    return tokens.client_token(uow, client, scopes, lifetime)


def _record(uow: UnitOfWork, deed: str, client: Client) -> None:
    """By an operator at the console, or an agency's administrator."""
    by = audit.caller(elsewhere=audit.CONSOLE)
    audit.record(uow, by, deed, None, str(client.id), {"agency": client.agency})


def _client(uow: UnitOfWork, id: UUID, agency: str | None) -> Client:
    client = uow.session.get(Client, id, with_for_update=True)
    if client is None or agency not in (None, client.agency):
        raise NotFound("no-such-client", f"Không có ứng dụng {id}.", f"There is no client {id}.")
    return client
