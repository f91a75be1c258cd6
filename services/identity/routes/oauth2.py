"""RFC 6749's token endpoint, client credentials only. Its refusals are that standard's, not problem+json:
the libraries that call it read nothing else."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from flask import Response, jsonify, request

from chassis.auth import allow
from chassis.web import api, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import clients
from services.identity.model.client import SCOPE

blueprint = api("oauth2")
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
                    "scope": {"type": "string", "enum": [SCOPE]},
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

    Id and secret by HTTP Basic or in the form. Refusals are RFC 6749's: `{"error", "error_description"}`,
    401 for `invalid_client`, else 400.
    """
    try:
        _check_request()
        id, secret = _credentials()
        return _token(id, secret)
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
    if set(request.form.get("scope", SCOPE).split()) - {SCOPE}:
        raise TokenRefused("invalid_scope", f"The only scope is {SCOPE}.")


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


def _token(id: str, secret: str) -> dict[str, Any]:
    lifetime = ports(IdentityPorts).rules.access_lifetime
    with unit_of_work() as uow:
        token = clients.token(uow, id, secret, lifetime)
    if token is None:
        raise _invalid_client()
    seconds = int(lifetime.total_seconds())
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": SCOPE}


def _invalid_client() -> TokenRefused:
    return TokenRefused("invalid_client", "No such client with this secret.")


def _refusal(refused: TokenRefused) -> Response:
    answer = jsonify(error=refused.error, error_description=refused.description)
    answer.status_code = 401 if refused.error == "invalid_client" else 400
    if answer.status_code == 401 and "Authorization" in request.headers:
        answer.headers["WWW-Authenticate"] = 'Basic realm="motcua"'
    return answer
