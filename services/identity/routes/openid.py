"""What relying parties call beside the token endpoint."""

from typing import Any

from flask import Response, jsonify, request

from chassis.auth import allow
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, ports, unit_of_work, units_of_work
from services.identity import schemas
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands.sign_on import access
from services.identity.commands.sign_on.server import Server, UnknownClient
from services.identity.model.claims import SCOPES
from services.identity.model.relying_party import ASSERTION_ALGORITHMS, AUTH_METHODS, GRANTS, RelyingParty
from services.identity.model.sign_on import LEVELS, PROMPTS
from services.identity.routes.wire import (
    TEXT,
    TokenRefused,
    asked,
    check_form,
    form_of,
    invalid_client,
    refusal,
)

blueprint = api("openid")
KEPT_A_LITTLE = {"Cache-Control": "public, max-age=300"}
TOKEN = form_of(
    required=["token"],
    token=TEXT,
    token_type_hint={"type": "string", "enum": ["access_token", "refresh_token"]},
    client_id=TEXT,
    client_secret=TEXT,
    client_assertion_type=TEXT,
    client_assertion=TEXT,
)


@blueprint.route("/oauth2/configuration", methods=["GET"])
@allow("anyone")
@blueprint.response(200, schemas.DiscoveryAnswer)
def configuration() -> tuple[dict[str, Any], int, dict[str, str]]:
    """OpenID Connect Discovery; the gateway also answers it at `/.well-known/openid-configuration`."""
    issuer = units_of_work().settings.public_url
    oauth2 = f"{issuer}/api/v1/oauth2"
    found = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "end_session_endpoint": f"{issuer}/oauth2/logout",
        "token_endpoint": f"{oauth2}/token",
        "userinfo_endpoint": f"{oauth2}/userinfo",
        "introspection_endpoint": f"{oauth2}/introspect",
        "revocation_endpoint": f"{oauth2}/revoke",
        "jwks_uri": f"{issuer}/api/v1/jwks",
    }
    return found | supported(), 200, KEPT_A_LITTLE


def supported() -> dict[str, Any]:
    claims = dict.fromkeys(claim for scope in SCOPES.values() for claim in scope)
    return {
        "scopes_supported": list(SCOPES),
        "claims_supported": [*claims, "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "subject_types_supported": ["pairwise"],
        "acr_values_supported": list(LEVELS),
        "prompt_values_supported": sorted(PROMPTS),
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


@blueprint.route("/oauth2/userinfo", methods=["GET", "POST"])
@allow("anyone")
@blueprint.response(200, schemas.ClaimsAnswer)
def userinfo() -> dict[str, Any] | Response:
    """Who signed in, for the relying party's access token: the claims that the person allowed.

    401 with `WWW-Authenticate: Bearer error="invalid_token"` for any other token (RFC 6750 §3).
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    with unit_of_work() as uow:
        claims = access.userinfo(uow, token.strip()) if scheme.lower() == "bearer" else None
    if claims is None:
        return _bad_token("invalid_token" if scheme else None)
    answer = jsonify(claims)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.route("/oauth2/introspect", methods=["POST"])
@allow("anyone")
@blueprint.response(200, {"type": "object"})
@blueprint.doc(requestBody=TOKEN)
def introspect() -> Response:
    """Is a token of this relying party good, and for what (RFC 7662)? `{"active": false}` for all others."""
    try:
        with unit_of_work() as uow:
            party = _authenticated(uow)
            return jsonify(access.introspect(uow, party, _token()))
    except TokenRefused as refused:
        return refusal(refused)


@blueprint.route("/oauth2/revoke", methods=["POST"])
@allow("anyone")
@blueprint.response(200, {"type": "object"})
@blueprint.doc(requestBody=TOKEN)
def revoke() -> Response:
    """End a token of this relying party (RFC 7009): a refresh token with all that came of its code."""
    try:
        with unit_of_work() as uow:
            party = _authenticated(uow)
            access.revoke(uow, party, _token())
    except TokenRefused as refused:
        return refusal(refused)
    return jsonify({})


def _authenticated(uow: UnitOfWork) -> RelyingParty:
    check_form()
    try:
        return Server(uow, ports(IdentityPorts).rules).authenticate_client(asked(), AUTH_METHODS)
    except UnknownClient as error:
        raise invalid_client() from error


def _token() -> str:
    if "token" not in request.form:
        raise TokenRefused("invalid_request", "token is missing.")
    return request.form["token"]


def _bad_token(error: str | None) -> Response:
    answer = jsonify({"error": error or "invalid_request", "error_description": "No good access token."})
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = "Bearer" + (f' error="{error}"' if error else "")
    answer.headers["Cache-Control"] = "no-store"
    return answer
