"""RFC 6749's token endpoint, client credentials only. Its refusals are that standard's, not problem+json:
the libraries that call it read nothing else."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from flask import Response, jsonify, request

from chassis.auth import allow
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import assertions, clients
from services.identity.model.assertion import TYPE, AssertionRefused
from services.identity.model.client import SCOPE, SCOPES, Client, parse_scopes

blueprint = api("oauth2")
PATH = "/api/v1/oauth2/token"
TEXT = {"type": "string"}
FORM = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {
                    "grant_type": {"type": "string", "enum": ["client_credentials"]},
                    "client_id": TEXT,
                    "client_secret": TEXT,
                    "client_assertion_type": {"type": "string", "enum": [TYPE]},
                    "client_assertion": TEXT,
                    "scope": {"type": "string", "description": f"some of: {', '.join(SCOPES)}"},
                },
            }
        }
    },
}


class TokenRefused(Exception):
    """`error` is one of RFC 6749 §5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@blueprint.route("/oauth2/token", methods=["POST"])
@allow("anyone")
@blueprint.response(200, schemas.ClientTokenAnswer)
@blueprint.doc(requestBody=FORM)
def give_token() -> dict[str, Any] | Response:
    """A token for an agency's client.

    Id and secret by HTTP Basic or in the form, or a signed assertion (`private_key_jwt`, RFC 7523: `aud` is
    this address, `exp` at most 5 minutes ahead, `jti` new). Refusals are RFC 6749's:
    `{"error", "error_description"}`, 401 for `invalid_client`, else 400.
    """
    try:
        _check_request()
        return _token(request.form.get("scope", "").split())
    except TokenRefused as refused:
        return _refusal(refused)


def _check_request() -> None:
    if request.mimetype != "application/x-www-form-urlencoded":
        raise TokenRefused("invalid_request", "Send application/x-www-form-urlencoded.")
    if any(len(values) > 1 for _, values in request.form.lists()):
        raise TokenRefused("invalid_request", "A parameter came more than once.")
    if not (grant := request.form.get("grant_type")):
        raise TokenRefused("invalid_request", "grant_type is missing.")
    if grant != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "Only client_credentials.")
    if set(request.form.get("scope", SCOPE).split()) - set(SCOPES):
        raise TokenRefused("invalid_scope", f"The scopes are: {', '.join(SCOPES)}.")


def _token(wanted: list[str]) -> dict[str, Any]:
    """Without a wish: all that the client may have."""
    lifetime = ports(IdentityPorts).rules.access_lifetime
    with unit_of_work() as uow:
        client = _client(uow)
        scopes = parse_scopes(wanted) if wanted else client.scopes
        if not client.may_have(scopes):
            raise TokenRefused("invalid_scope", f"This client's scopes are: {', '.join(client.scopes)}.")
        token = clients.token(uow, client, scopes, lifetime)
    seconds = int(lifetime.total_seconds())
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": " ".join(scopes)}


def _client(uow: UnitOfWork) -> Client:
    """Who asks, by signature or by secret."""
    if "client_assertion" in request.form or "client_assertion_type" in request.form:
        return _signer(uow)
    client = clients.with_secret(uow, *_credentials())
    if client is None:
        raise _invalid_client()
    return client


def _signer(uow: UnitOfWork) -> Client:
    if "Authorization" in request.headers or "client_secret" in request.form:
        raise TokenRefused("invalid_request", "Send an assertion or a secret, not both.")
    if request.form.get("client_assertion_type") != TYPE:
        raise TokenRefused("invalid_request", f"client_assertion_type must be {TYPE}.")
    assertion, id = request.form.get("client_assertion", ""), request.form.get("client_id")
    try:
        return assertions.client_of(uow, assertion, id, f"{uow.settings.public_url}{PATH}")
    except AssertionRefused as refused:
        raise TokenRefused("invalid_client", str(refused)) from refused


def _credentials() -> tuple[str, str]:
    header = request.headers.get("Authorization")
    if header is None:
        return request.form.get("client_id", ""), request.form.get("client_secret", "")
    if "client_secret" in request.form:
        raise TokenRefused("invalid_request", "The client's secret came twice.")
    return _basic(header)


def _basic(header: str) -> tuple[str, str]:
    """Both parts are form-encoded before they are joined (RFC 6749 §2.3.1)."""
    scheme, _, given = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)
        id, colon, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (ValueError, binascii.Error) as error:
        raise _invalid_client() from error
    if not colon:
        raise _invalid_client()
    return unquote_plus(id), unquote_plus(secret)


def _invalid_client() -> TokenRefused:
    return TokenRefused("invalid_client", "No such client with this secret.")


def _refusal(refused: TokenRefused) -> Response:
    answer = jsonify(error=refused.error, error_description=refused.description)
    answer.status_code = 401 if refused.error == "invalid_client" else 400
    if answer.status_code == 401 and "Authorization" in request.headers:
        answer.headers["WWW-Authenticate"] = 'Basic realm="motcua"'
    return answer
