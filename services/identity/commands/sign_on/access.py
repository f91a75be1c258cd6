"""What a relying party does with its tokens: ask whose they are, whether they are good, end them."""

from typing import Any
from uuid import UUID

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands.sessions import digest_of
from services.identity.commands.sign_on import subjects
from services.identity.commands.sign_on.grants import is_going_on
from services.identity.model.account import Account
from services.identity.model.claims import claims_of
from services.identity.model.relying_party import RelyingParty
from services.identity.model.session import LoginSession
from services.identity.model.sign_on import SignOn, SignOnToken


def userinfo(uow: UnitOfWork, access_token: str) -> dict[str, Any] | None:
    """The claims of the token's scopes. None for a token that is not good, or not any more."""
    found = _live(uow, access_token)
    if found is None or found[1].kind != "access":
        return None
    sign_on, token = found
    party = queries.relying_party(uow, sign_on.relying_party)
    account = uow.session.get(Account, sign_on.account)
    if party is None or account is None:
        return None
    person = queries.person_of(uow, account)
    known = claims_of(account.kind, person, token.scope.split())
    reader = audit.Actor("relying-party", party.id)
    audit.record(uow, reader, audit.LOOK + "account", account.id, str(party.id), {"scopes": token.scope})
    return {"sub": subjects.pairwise(uow, party, account.id), **known, "acr": sign_on.acr}


def introspect(uow: UnitOfWork, party: RelyingParty, given: str) -> dict[str, Any]:
    """RFC 7662 §2.2. A relying party learns of its own tokens only."""
    found = _live(uow, given, party.id)
    if found is None:
        return {"active": False}
    sign_on, token = found
    return {
        "active": True,
        "iss": uow.settings.public_url,
        "aud": str(party.id),
        "client_id": str(party.id),
        "sub": subjects.pairwise(uow, party, sign_on.account),
        "scope": token.scope,
        "token_type": "Bearer" if token.kind == "access" else "refresh_token",
        "iat": int(token.issued_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
        "acr": sign_on.acr,
        "auth_time": sign_on.get_auth_time(),
    }


def revoke(uow: UnitOfWork, party: RelyingParty, given: str) -> None:
    """RFC 7009: with a refresh token the whole family ends. What is not there any more is no error."""
    found = queries.sign_on_of_token(uow, digest_of(given), party.id)
    if found is None:
        return
    sign_on, token = found
    if token.kind == "refresh":
        sign_on.end(uow.now())
    else:
        token.expires_at = min(token.expires_at, uow.now())


def take_back(uow: UnitOfWork, account: UUID, party: UUID) -> None:
    """The person allows nothing any more: their tokens there end. Twice is no error."""
    given = queries.consent(uow, account, party)
    if given:
        uow.session.delete(given)
    queries.end_sign_ons(uow, party, account)
    audit.record(uow, audit.caller(), "consent-taken-back", account, str(party))


def _live(uow: UnitOfWork, token: str, party: UUID | None = None) -> tuple[SignOn, SignOnToken] | None:
    found = queries.sign_on_of_token(uow, digest_of(token), party)
    if found is None:
        return None
    sign_on, kept = found
    session = uow.session.get(LoginSession, sign_on.session, populate_existing=True)
    now = uow.now()
    good = kept.is_live(now) and sign_on.is_open(now) and is_going_on(session, sign_on)
    return (sign_on, kept) if good else None
