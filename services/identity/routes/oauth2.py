"""RFC 6749's token endpoint: client credentials of agencies, codes and refresh tokens of relying parties.

Which of the two a caller is follows from the grant: an agency's client is no relying party and the other way
round, so each is unknown to the other's grants.
"""

from typing import Any

from flask import Response, request

from chassis.auth import allow
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, ports, unit_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import assertions, clients
from services.identity.commands.sign_on.server import Server
from services.identity.model.assertion import TYPE, AssertionRefused
from services.identity.model.client import SCOPE, SCOPES, Client, parse_scopes
from services.identity.model.relying_party import GRANTS
from services.identity.routes.wire import (
    TEXT,
    TokenRefused,
    asked,
    check_form,
    credentials,
    form_of,
    invalid_client,
    refusal,
)

blueprint = api("oauth2")
PATH = "/api/v1/oauth2/token"
BODY = form_of(
    required=["grant_type"],
    grant_type={"type": "string", "enum": ["client_credentials", *GRANTS]},
    client_id=TEXT,
    client_secret=TEXT,
    client_assertion_type={"type": "string", "enum": [TYPE]},
    client_assertion=TEXT,
    scope={"type": "string", "description": f"of an agency's client some of: {', '.join(SCOPES)}"},
    code=TEXT,
    redirect_uri=TEXT,
    code_verifier=TEXT,
    refresh_token=TEXT,
)


@blueprint.route("/oauth2/token", methods=["POST"])
@allow("anyone")
@blueprint.response(200, schemas.ClientTokenAnswer)
@blueprint.doc(requestBody=BODY)
def give_token() -> dict[str, Any] | Response:
    """A token for an agency's client, or a relying party's.

    Id and secret by HTTP Basic or in the form, or a signed assertion (`private_key_jwt`, RFC 7523: `aud` is
    this address, `exp` at most 5 minutes ahead, `jti` new). Refusals are RFC 6749's:
    `{"error", "error_description"}`, 401 for `invalid_client`, else 400.
    """
    try:
        check_form()
        grant = request.form.get("grant_type")
        if not grant:
            raise TokenRefused("invalid_request", "grant_type is missing.")
        if grant in GRANTS:
            return _token_of_relying_party()
        if grant != "client_credentials":
            raise TokenRefused("unsupported_grant_type", "Only client_credentials and authorization_code.")
        if set(request.form.get("scope", SCOPE).split()) - set(SCOPES):
            raise TokenRefused("invalid_scope", f"The scopes are: {', '.join(SCOPES)}.")
        return _token_of_agency(request.form.get("scope", "").split())
    except TokenRefused as refused:
        return refusal(refused)


def _token_of_agency(wanted: list[str]) -> dict[str, Any]:
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


def _token_of_relying_party() -> dict[str, Any]:
    with unit_of_work() as uow:
        answer = Server(uow, ports(IdentityPorts).rules).token(asked())
    said: dict[str, Any] = answer.body
    if "error" in said:
        raise TokenRefused(said["error"], said.get("error_description") or "It does not hold.")
    return said


def _client(uow: UnitOfWork) -> Client:
    """Which agency's client asks, by signature or by secret."""
    if "client_assertion" in request.form or "client_assertion_type" in request.form:
        return _signer(uow)
    client = clients.with_secret(uow, *credentials())
    if client is None:
        raise invalid_client()
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
