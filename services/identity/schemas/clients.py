"""Clients of an agency's back office."""

from marshmallow import Schema, fields, validate

from chassis.web import Body
from services.identity.model.client import SCOPE, parse_client_name
from services.identity.schemas.parsing import Parsed


class KeysBody(Body):
    """Public keys as JWKs: EC P-256 or RSA of at least 2048 bits; up to 3, to change without a gap."""

    keys = fields.List(fields.Dict(), required=True, validate=validate.Length(max=20))


class ClientBody(Body):
    """With `keys` it signs (`private_key_jwt`) and has no secret; without, it gets one."""

    name = Parsed(parse_client_name, required=True)
    scopes = fields.List(fields.String(), load_default=lambda: [SCOPE], validate=validate.Length(max=20))
    keys = fields.List(fields.Dict(), validate=validate.Length(max=20))


class ClientAnswer(Schema):
    """`client_secret` only when it was made, and only then: it is kept nowhere."""

    client_id = fields.UUID(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    signs = fields.Boolean(required=True)
    created_at = fields.DateTime(required=True)
    last_used_at = fields.DateTime(required=True, allow_none=True)
    revoked_at = fields.DateTime(required=True, allow_none=True)
    client_secret = fields.String()


class ClientList(Schema):
    items = fields.List(fields.Nested(ClientAnswer), required=True)
