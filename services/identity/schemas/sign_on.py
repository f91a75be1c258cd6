"""Signing in to others through us."""

from marshmallow import Schema, fields, validate

from chassis.web import Body
from services.identity.model.sign_on import LONGEST_QUERY


class SignOnBody(Body):
    """`query`: of the authorization request, as it came. `signed_in`: is anybody, in this browser?"""

    query = fields.String(required=True, validate=validate.Length(max=LONGEST_QUERY))
    signed_in = fields.Boolean(required=True)


class DecisionBody(Body):
    decision = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["allow", "deny"]))


class StepAnswer(Schema):
    """`login`: log in (again), `step-up`: raise the session to high, and ask for the next step after either;
    `consent`: ask the person about `scopes`; `redirect`: send the browser to `location`."""

    step = fields.String(required=True, validate=validate.OneOf(["login", "step-up", "consent", "redirect"]))
    id = fields.UUID(allow_none=True)
    location = fields.String(allow_none=True)
    relying_party = fields.String(allow_none=True)
    scopes = fields.List(fields.String(), required=True)


class LogoutBody(Body):
    """`query`: of the logout request, as it came."""

    query = fields.String(required=True, validate=validate.Length(max=LONGEST_QUERY))


class LogoutAnswer(Schema):
    relying_party = fields.String(allow_none=True)
    location = fields.String(allow_none=True)


class ConsentAnswer(Schema):
    relying_party = fields.UUID(required=True, attribute="id")
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    given_at = fields.DateTime(required=True)


class ConsentsAnswer(Schema):
    items = fields.List(fields.Nested(ConsentAnswer), required=True)


class DiscoveryAnswer(Schema):
    """OpenID Connect Discovery 1.0 §3."""

    issuer = fields.String(required=True)
    authorization_endpoint = fields.String(required=True)
    token_endpoint = fields.String(required=True)
    userinfo_endpoint = fields.String(required=True)
    jwks_uri = fields.String(required=True)
    introspection_endpoint = fields.String(required=True)
    revocation_endpoint = fields.String(required=True)
    end_session_endpoint = fields.String(required=True)
    scopes_supported = fields.List(fields.String(), required=True)
    claims_supported = fields.List(fields.String(), required=True)
    response_types_supported = fields.List(fields.String(), required=True)
    response_modes_supported = fields.List(fields.String(), required=True)
    grant_types_supported = fields.List(fields.String(), required=True)
    subject_types_supported = fields.List(fields.String(), required=True)
    acr_values_supported = fields.List(fields.String(), required=True)
    prompt_values_supported = fields.List(fields.String(), required=True)
    id_token_signing_alg_values_supported = fields.List(fields.String(), required=True)
    token_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)
    token_endpoint_auth_signing_alg_values_supported = fields.List(fields.String(), required=True)
    introspection_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)
    revocation_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)
    code_challenge_methods_supported = fields.List(fields.String(), required=True)
    authorization_response_iss_parameter_supported = fields.Boolean(required=True)
    backchannel_logout_supported = fields.Boolean(required=True)
    backchannel_logout_session_supported = fields.Boolean(required=True)
    claims_parameter_supported = fields.Boolean(required=True)
    request_parameter_supported = fields.Boolean(required=True)
    request_uri_parameter_supported = fields.Boolean(required=True)


class ClaimsAnswer(Schema):
    """OpenID Connect Core §5.3.2: those of the scopes that the person allowed and that are known.

    `account_type`: 1 citizen, 2 business. `sub` is the person's within the relying party's sector."""

    sub = fields.String(required=True)
    acr = fields.String(required=True)
    account_type = fields.Integer()
    name = fields.String()
    gender = fields.String()
    birthdate = fields.Date()
    id_number = fields.String()
    phone_number = fields.String()
    phone_number_verified = fields.Boolean()
    email = fields.String()
    email_verified = fields.Boolean()
    address = fields.Dict()
    tax_code = fields.String()
    business_name = fields.String()
