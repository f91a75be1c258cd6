from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from chassis.unit_of_work import UnitOfWork
from services.identity.model.consent import Consent
from services.identity.model.relying_party import RelyingParty
from services.identity.model.sign_on import SignOn, SignOnRequest, SignOnToken
from services.identity.tables.sign_on import consents, relying_parties, sign_on_tokens, sign_ons


def relying_party(uow: UnitOfWork, id: str | UUID) -> RelyingParty | None:
    """None when there is none, or it was revoked."""
    try:
        found = uow.session.get(RelyingParty, id if isinstance(id, UUID) else UUID(id))
    except ValueError:
        return None
    return found if found and found.revoked_at is None else None


def sign_on_request(uow: UnitOfWork, id: UUID) -> SignOnRequest | None:
    """Locked until the transaction ends; None when it does not exist or has expired."""
    found = uow.session.get(SignOnRequest, id, with_for_update=True, populate_existing=True)
    return found if found and uow.now() < found.expires_at else None


def sign_on_of_code(uow: UnitOfWork, party: UUID, digest: bytes) -> SignOn | None:
    """Locked. None for a code that is unknown, or another relying party's."""
    wanted = select(SignOn).where(sign_ons.c.code_digest == digest, sign_ons.c.relying_party == party)
    return uow.session.execute(
        wanted.with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()


def sign_on_of_token(
    uow: UnitOfWork, digest: bytes, party: UUID | None = None
) -> tuple[SignOn, SignOnToken] | None:
    """Both as they are after everybody else who works on the same sign-on has finished.

    None for a token that is unknown, or another relying party's when one is named.
    """
    wanted = select(sign_on_tokens.c.sign_on).where(sign_on_tokens.c.digest == digest)
    if party:
        wanted = wanted.where(sign_on_tokens.c.relying_party == party)
    family = uow.session.execute(wanted).scalar_one_or_none()
    if family is None:
        return None
    sign_on = uow.session.get_one(SignOn, family, with_for_update=True, populate_existing=True)
    return sign_on, uow.session.get_one(SignOnToken, digest, populate_existing=True)


def successor_of_sign_on_token_used(uow: UnitOfWork, digest: bytes) -> bool:
    """Was a refresh token that came for this one already changed for another?"""
    used = select(sign_on_tokens.c.digest).where(
        sign_on_tokens.c.parent == digest, sign_on_tokens.c.replaced_at.is_not(None)
    )
    return uow.session.execute(used.limit(1)).first() is not None


def nonce_was_used(uow: UnitOfWork, party: UUID, nonce: str, but_for: UUID | None) -> bool:
    """By another request of the same relying party that got its code."""
    used = select(sign_ons.c.id).where(sign_ons.c.relying_party == party, sign_ons.c.nonce == nonce)
    if but_for:
        used = used.where(sign_ons.c.request != but_for)
    return uow.session.execute(used.limit(1)).first() is not None


def consent(uow: UnitOfWork, account: UUID, party: UUID) -> Consent | None:
    return uow.session.get(Consent, (account, party), with_for_update=True, populate_existing=True)


def consents_of(uow: UnitOfWork, account: UUID) -> Sequence[Any]:
    """Newest first: `id, name, scopes, given_at`."""
    found = (
        select(relying_parties.c.id, relying_parties.c.name, consents.c.scopes, consents.c.given_at)
        .join(relying_parties, relying_parties.c.id == consents.c.relying_party)
        .where(consents.c.account == account)
        .order_by(consents.c.given_at.desc())
    )
    return uow.session.execute(found).all()


def end_sign_ons(uow: UnitOfWork, party: UUID, account: UUID | None = None) -> None:
    """Of one person, or of everybody: no token of them works any more."""
    over = update(sign_ons).where(sign_ons.c.relying_party == party, sign_ons.c.ended_at.is_(None))
    if account:
        over = over.where(sign_ons.c.account == account)
    uow.session.execute(over.values(ended_at=uow.now()))
