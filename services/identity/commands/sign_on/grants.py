"""The two grants of relying parties: a code, and the refresh token that came with it."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import ECKey

from services.identity import queries
from services.identity.commands import keys
from services.identity.commands.sessions import digest_of
from services.identity.commands.sign_on import subjects
from services.identity.commands.sign_on.asked import Asked
from services.identity.model.account import Account
from services.identity.model.relying_party import RelyingParty
from services.identity.model.session import LoginSession
from services.identity.model.sign_on import SignOn, SignOnToken

if TYPE_CHECKING:
    from services.identity.commands.sign_on.server import Server


class Code(AuthorizationCodeGrant):
    request: Asked
    server: "Server"

    def save_authorization_code(self, code: str, request: Asked) -> None:
        uow, rules = self.server.uow, self.server.rules
        asked = request.payload.data
        assert request.login is not None
        assert self.server.request_id is not None
        session, acr = request.login
        uow.session.add(
            SignOn(
                id=uuid4(),
                request=self.server.request_id,
                relying_party=request.client.id,
                account=session.account,
                session=session.id,
                scope=request.scope,
                redirect_uri=request.payload.redirect_uri,
                nonce=asked.get("nonce"),
                acr=acr,
                auth_time=session.started_at,
                code_digest=digest_of(code),
                code_challenge=asked["code_challenge"],
                code_expires_at=uow.now() + rules.authorization_code_lifetime,
                expires_at=session.expires_at,
            )
        )

    def query_authorization_code(self, code: str, client: RelyingParty) -> SignOn | None:
        """Spent by being looked at, whatever becomes of the rest of the request."""
        uow = self.server.uow
        found = queries.sign_on_of_code(uow, client.id, digest_of(code))
        return found if found and found.spend_code(uow.now()) else None

    def delete_authorization_code(self, authorization_code: SignOn) -> None:
        """It is kept, spent: that it comes back must be seen."""

    def authenticate_user(self, authorization_code: SignOn) -> Account | None:
        return self.server.still_signed_in(authorization_code)


class Refresh(RefreshTokenGrant):
    """Each works once; the one before for a few seconds more, as with our own (`model/session.py`): an
    answer may be lost on its way. One that comes back later ends the family."""

    INCLUDE_NEW_REFRESH_TOKEN = True
    request: Asked
    server: "Server"

    def authenticate_refresh_token(self, refresh_token: str) -> SignOnToken | None:
        uow, rules = self.server.uow, self.server.rules
        digest = digest_of(refresh_token)
        found = queries.sign_on_of_token(uow, digest, self.request.client.id)
        if found is None or found[1].kind != "refresh":
            return None
        sign_on, token = found
        now = uow.now()
        if token.replaced_at is not None and (
            now - token.replaced_at > rules.refresh_grace
            or queries.successor_of_sign_on_token_used(uow, digest)
        ):
            sign_on.end(now)
        good = now < token.expires_at and sign_on.is_open(now) and self.server.still_signed_in(sign_on)
        self.server.parent = digest
        return token if good else None

    def authenticate_user(self, refresh_token: SignOnToken) -> Account | None:  # noqa: ARG002
        return self.server.still_signed_in(self.server.sign_on)

    def revoke_old_credential(self, refresh_token: SignOnToken) -> None:
        refresh_token.replaced_at = refresh_token.replaced_at or self.server.uow.now()


class OnlyS256(CodeChallenge):
    """PKCE is required of every client, and only S256 (RFC 9700 §2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required: code_challenge, with code_challenge_method S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):
    """It says who, when, how surely and for whom, and nothing personal: the rest is at userinfo."""

    def __init__(self, server: Any) -> None:
        super().__init__()
        self._server = server

    def exists_nonce(self, nonce: str, request: Asked) -> bool:
        return queries.nonce_was_used(
            self._server.uow, request.client.id, nonce, but_for=self._server.request_id
        )

    def resolve_client_private_key(self, client: RelyingParty) -> ECKey:  # noqa: ARG002
        return keys.signing_key(self._server.uow)

    def get_client_algorithm(self, client: RelyingParty) -> str:  # noqa: ARG002
        return "ES256"

    def get_encode_header(self, client: RelyingParty) -> dict[str, Any]:
        return {"alg": "ES256", "typ": "JWT", "kid": self.resolve_client_private_key(client).kid}

    def get_client_claims(self, client: RelyingParty) -> dict[str, Any]:
        uow, rules = self._server.uow, self._server.rules
        now = int(uow.now().timestamp())
        return {
            "iss": uow.settings.public_url,
            "aud": client.get_client_id(),
            "azp": client.get_client_id(),
            "sid": str(self._server.sign_on.id),
            "iat": now,
            "exp": now + int(rules.access_lifetime.total_seconds()),
        }

    def generate_user_info(self, user: Account, scope: str) -> dict[str, Any]:  # noqa: ARG002
        return {"sub": subjects.pairwise(self._server.uow, self._server.client, user.id)}


def is_going_on(session: LoginSession | None, sign_on: SignOn) -> bool:
    """A session at the portal that was ended ends what hangs on it; one that is only idle here does not:
    the person is at work elsewhere."""
    return session is not None and session.ended_at is None and session.account == sign_on.account
