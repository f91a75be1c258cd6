"""How a relying party proves that it is itself: a secret, or a signed assertion (RFC 7523)."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands.sign_on.asked import Asked
from services.identity.model.relying_party import ASSERTION_ALGORITHMS, RelyingParty
from services.identity.tables import used_assertions

LONGEST_LIFE = timedelta(minutes=10)
LEEWAY = 30


def authenticate(uow: UnitOfWork, request: Asked) -> RelyingParty:
    """InvalidClientError, always the same."""
    try:
        client = (
            Assertion(uow)(partial(queries.relying_party, uow), request)
            if "client_assertion" in request.form
            else _by_secret(uow, request)
        )
    except (InvalidClientError, JoseError, ValueError, KeyError, TypeError) as refused:
        raise unknown_client() from refused
    if client is None:
        raise unknown_client()
    request.client = client
    return client


def unknown_client() -> InvalidClientError:
    return InvalidClientError("No such client with this proof.", status_code=401)


def _by_secret(uow: UnitOfWork, request: Asked) -> RelyingParty | None:
    id, secret = request.credentials or ("", "")
    client = queries.relying_party(uow, id)
    return client if client and client.admits(secret) else None


class Assertion(JWTBearerClientAssertion):
    """Each works once (`jti`), is for this token endpoint or issuer, and lives ten minutes at most."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__()
        self._uow = uow

    def resolve_client_public_key(self, client: RelyingParty) -> Key:
        if client.jwk is None:
            raise unknown_client()
        return import_key(dict(client.jwk))

    def process_assertion_claims(self, assertion: str, resolve_key: Key) -> dict[str, Any]:
        """As Authlib's, with the algorithms named and our clock."""
        token = jwt.decode(assertion, resolve_key, list(ASSERTION_ALGORITHMS))
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        now = int(self._uow.now().timestamp())
        jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY,
            iss={"essential": True, "value": claims["sub"]},
            sub={"essential": True},
            aud={"essential": True, "values": self.get_audiences()},
            exp={"essential": True},
            jti={"essential": True},
        ).validate(claims)
        if claims["exp"] > now + LONGEST_LIFE.total_seconds() + LEEWAY:
            raise unknown_client()
        if not self.validate_jti(claims, claims["jti"]):
            raise unknown_client()

    def get_audiences(self) -> list[str]:
        issuer = self._uow.settings.public_url
        return [issuer, f"{issuer}/api/v1/oauth2/token"]

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        row = {
            "digest": hashlib.sha256(f"{claims['sub']} {jti}".encode()).digest(),
            "expires_at": datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=2 * LEEWAY),
        }
        first = upsert(used_assertions).values(row).on_conflict_do_nothing()
        return self._uow.session.execute(first.returning(used_assertions.c.digest)).one_or_none() is not None
