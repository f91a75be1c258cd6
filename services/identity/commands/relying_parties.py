"""Which portals may sign people in through us: an operator says so."""

import json
import secrets
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from sqlalchemy import select

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.model.client import digest_of
from services.identity.model.relying_party import RelyingParty, check_address, sector_of
from services.identity.tables import relying_parties
from vocabulary.refusals import Invalid, NotFound


@dataclass(frozen=True)
class Wanted:
    """As an operator names it. `jwk`: a public key as JSON; without it a secret is made."""

    name: str
    redirect_uris: Sequence[str]
    scopes: Sequence[str]
    post_logout_redirect_uris: Sequence[str] = ()
    sector: str | None = None
    jwk: str | None = None
    backchannel_logout_uri: str | None = None


def create(uow: UnitOfWork, wanted: Wanted) -> tuple[RelyingParty, str | None]:
    """The relying party and its secret, kept nowhere: 256 random bits; None with a key of its own.

    Invalid for an address, a sector or a key that does not do.
    """
    secret = None if wanted.jwk else secrets.token_urlsafe(32)
    back = wanted.backchannel_logout_uri
    made = RelyingParty(
        id=uuid4(),
        name=wanted.name,
        sector=sector_of(wanted.sector, wanted.redirect_uris),
        redirect_uris=[check_address(uri) for uri in wanted.redirect_uris],
        post_logout_redirect_uris=[check_address(uri) for uri in wanted.post_logout_redirect_uris],
        scopes=["openid", *(scope for scope in dict.fromkeys(wanted.scopes) if scope != "openid")],
        created_at=uow.now(),
        digest=digest_of(secret) if secret else None,
        jwk=public_key(wanted.jwk) if wanted.jwk else None,
        backchannel_logout_uri=check_address(back) if back else None,
    )
    uow.session.add(made)
    uow.session.flush()
    audit.record(uow, audit.CONSOLE, "relying-party-created", None, str(made.id))
    return made, secret


def revoke(uow: UnitOfWork, id: UUID) -> RelyingParty:
    """Nobody signs in through it any more, and no token it has works. Again: nothing changes."""
    party = uow.session.get(RelyingParty, id, with_for_update=True)
    if party is None:
        raise NotFound("no-such-relying-party", f"Không có {id}.", f"There is no relying party {id}.")
    party.revoked_at = party.revoked_at or uow.now()
    queries.end_sign_ons(uow, id)
    audit.record(uow, audit.CONSOLE, "relying-party-revoked", None, str(id))
    return party


def listed(uow: UnitOfWork) -> Sequence[RelyingParty]:
    """Oldest first."""
    order = select(RelyingParty).order_by(relying_parties.c.created_at, relying_parties.c.id)
    return uow.session.scalars(order).all()


def public_key(text: str) -> Mapping[str, Any]:
    """Invalid `relying-party-key` for what is no JWK, is private, or is too weak."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SecurityWarning)  # of what joserfc thinks too weak
            key = import_key(json.loads(text))
    except (JoseError, SecurityWarning, ValueError, KeyError, TypeError) as error:
        raise _bad_key() from error
    wrong_curve = isinstance(key, ECKey) and key.curve_name != "P-256"
    if not isinstance(key, ECKey | RSAKey | OKPKey) or key.is_private or wrong_curve:
        raise _bad_key()
    return key.as_dict(private=False)


def _bad_key() -> Invalid:
    return Invalid(
        "relying-party-key",
        "Khóa phải là khóa công khai dạng JWK: EC P-256, Ed25519 hoặc RSA từ 2048 bit.",
        "The key must be a public JWK: EC P-256, Ed25519, or RSA of 2048 bits and more.",
    )
