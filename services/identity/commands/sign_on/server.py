"""Authlib's authorization server over one unit of work."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands.sessions import digest_of
from services.identity.commands.sign_on import proof
from services.identity.commands.sign_on.asked import Asked
from services.identity.commands.sign_on.grants import Code, IdToken, OnlyS256, Refresh, is_going_on
from services.identity.model.account import Account
from services.identity.model.claims import SCOPES
from services.identity.model.relying_party import RelyingParty
from services.identity.model.rules import Rules
from services.identity.model.session import LoginSession
from services.identity.model.sign_on import SignOn, SignOnToken

UnknownClient = InvalidClientError


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")


class Server(AuthorizationServer):
    """Commit after a refusal too: it may have ended a family of tokens."""

    client: RelyingParty
    sign_on: SignOn
    parent: bytes | None = None

    def __init__(self, uow: UnitOfWork, rules: Rules, request_id: UUID | None = None) -> None:
        super().__init__(scopes_supported=None)
        self.uow, self.rules, self.request_id = uow, rules, request_id
        self.register_grant(Code, [OnlyS256(required=True), IdToken(self)])
        self.register_grant(Refresh)

    def token(self, request: Asked) -> Answer:
        """RFC 6749 §5.1 or §5.2."""
        try:
            answer: Answer = self.create_token_response(request)
        except ValueError:
            # Authlib puts what it was given into its refusal, and then refuses to say such letters.
            answer = self.handle_error_response(request, InvalidRequestError())
        return answer

    def query_client(self, client_id: str) -> RelyingParty | None:
        return queries.relying_party(self.uow, client_id)

    def authenticate_client(self, request: Asked, methods: object, endpoint: str = "token") -> RelyingParty:  # noqa: ARG002
        self.client = proof.authenticate(self.uow, request)
        return self.client

    def generate_token(self, grant_type: str, client: RelyingParty, **given: Any) -> dict[str, Any]:  # noqa: ARG002
        return {
            "access_token": secrets.token_urlsafe(32),
            "token_type": "Bearer",
            "expires_in": int((self._access_until() - self.uow.now()).total_seconds()),
            "refresh_token": secrets.token_urlsafe(32),
            "scope": " ".join(scope for scope in SCOPES if scope in given["scope"].split()),
        }

    def save_token(self, token: dict[str, Any], request: Asked) -> None:  # noqa: ARG002
        """A refresh token may ask for less, but not make the next one less."""
        self._keep(token["access_token"], "access", token["scope"], self._access_until())
        self._keep(token["refresh_token"], "refresh", self.sign_on.scope, self.sign_on.expires_at)

    def still_signed_in(self, sign_on: SignOn) -> Account | None:
        self.sign_on = sign_on
        session = self.uow.session.get(LoginSession, sign_on.session, populate_existing=True)
        return self.uow.session.get(Account, sign_on.account) if is_going_on(session, sign_on) else None

    def create_oauth2_request(self, request: Asked) -> Asked:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        return Answer(status, body, dict(headers))

    def handle_error_response(self, request: Asked, error: OAuth2Error) -> Answer:  # noqa: ARG002
        return self.handle_response(*error())

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def _access_until(self) -> datetime:
        """An access token never outlives the session it hangs on."""
        return min(self.uow.now() + self.rules.access_lifetime, self.sign_on.expires_at)

    def _keep(self, token: str, kind: Any, scope: str, until: datetime) -> None:
        self.uow.session.add(
            SignOnToken(
                digest=digest_of(token),
                sign_on=self.sign_on.id,
                relying_party=self.sign_on.relying_party,
                kind=kind,
                scope=scope,
                issued_at=self.uow.now(),
                expires_at=until,
                parent=self.parent if kind == "refresh" else None,
            )
        )
